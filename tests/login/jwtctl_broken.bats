#!/usr/bin/env bats
#
# jwtctl where memory runs out or the machine fails, at every place in turn:
# nothing is called good that is not, nothing half done is left, and one
# sentence says what failed.

bats_require_minimum_version 1.5.0

setup() {
	load broken
	broken_begin
}

teardown() {
	broken_end
}

# What it would have said, or that it cannot: never the opposite.
says_or_fails() {
	[ -z "$files" ] && {
		same || { [ "$status" -eq 2 ] && sentence; }
	}
}

# What could not be made is not there, and what was made is whole.
makes_keys() {
	local key='^\{"kty":"OKP","crv":"Ed25519","x":"[A-Za-z0-9_-]{43}"'
	local end=',"kid":"one","alg":"EdDSA","use":"sig"'
	local private='' public=''
	[ ! -e key ] || private=$(<key)
	[ ! -e key.pub ] || public=$(<key.pub)
	if [ "$status" -ne 0 ]; then
		[ "$status" -le 2 ] && sentence && [ -z "$files" ]
		return
	fi
	[ "$files" = 'key key.pub' ] && [ "$err" = "$whole_err" ] &&
	    [ -z "$out" ] && [[ $public =~ $key$end\}$ ]] &&
	    [[ $private =~ $key$end,\"d\":\"[A-Za-z0-9_-]{43}\"\}$ ]]
}

# Without memory for its words a check still decides, so of each line of what
# explain accepts its name and its mark alone.
marks() {
	local line
	while IFS= read -r line; do
		line=${line:0:18}
		printf '%s\n' "${line%"${line##*[! ]}"}"
	done <<<"$1"
}

# How it ends, as text or JSON.
verdict() {
	case $1 in
	\{*\"checks\":\[*\]\}$'\n') printf '%s\n' "${1%%,\"checks\"*}" ;;
	*) tail -n 1 <<<"${1%$'\n'}" ;;
	esac
}

# The machine's fault may look like one of the files that cannot be read, and
# never like a refusal of the token.
explains_or_fails() {
	[ -z "$files" ] || return 1
	same || { [ "$status" -eq 2 ] && sentence; } || {
		[ -z "$err" ] || return 1
		case $status-$whole_status-$(verdict "$out") in
		0-0-*) [ "$(marks "$out")" = "$(marks "$whole_out")" ] ;;
		1-1-*) [ "$(verdict "$out")" = "$(verdict "$whole_out")" ] ;;
		2-*-'refused: config_error' | 2-*-'refused: internal_error') ;;
		2-*-'refused: keys_unavailable') ;;
		2-*-'{"verdict":"error"'*) ;;
		*) false ;;
		esac
	}
}

# What cannot be read is a fault that it found.
faults_or_fails() {
	[ -z "$files" ] && {
		same || { [ "$status" -eq 2 ] && sentence; } || {
			[ "$status" -eq 1 ] && [ -z "$err" ] && [ -n "$out" ] &&
			    [[ $out != *'no fault'* ]]
		}
	}
}

# One issuer and two tokens.
configured() {
	cat >../conf <<-END
		[issuer corp]
		issuer     = https://issuer.test
		keys       = $W/test.pub
		audience   = ssh://%h
		algorithms = EdDSA
		user       = sub
		require    = iss matches https://**
	END
	"$JWTCTL" sign --key ../test ../claims >../token
	claims 'exp=1' | "$JWTCTL" sign --key ../test >../expired
}

@test 'keygen: both halves whole, or neither' {
	input=../nothing
	kinds='write fchmod fsync close'
	sweep makes_keys "$JWTCTL" keygen --kid one key
	each write 0 1 makes_keys "$JWTCTL" keygen --kid one key
	[ "$whole_status" -eq 0 ]
}

@test 'sign: a whole token or none' {
	input=../claims
	sweep says_or_fails "$JWTCTL" sign --key ../test
	each write 5 1 says_or_fails "$JWTCTL" sign --key ../test
	each write 0 1 says_or_fails "$JWTCTL" sign --key ../test
	each write 4 1 says_or_fails "$JWTCTL" sign --key ../test
	[ "$whole_status" -eq 0 ]
}

@test 'sign: faulty claims get none' {
	echo '{"a":1,"a":2}' >../faulty
	input=../faulty
	sweep says_or_fails "$JWTCTL" sign --key ../test --typ at+jwt
	[ "$whole_status" -eq 1 ]
}

@test 'verify: a payload whose signature holds, or none' {
	configured
	input=../token
	sweep says_or_fails "$JWTCTL" verify --signature-only --key ../test.pub
	[ "$whole_status" -eq 0 ]
}

@test 'verify: a signature that does not hold never does' {
	configured
	kid=$(grep -o '"kid":"[^"]*"' ../test.pub | cut -d '"' -f 4)
	"$JWTCTL" keygen --kid "$kid" ../other 2>/dev/null
	input=../token
	sweep says_or_fails "$JWTCTL" verify --signature-only --key ../other.pub
	[ "$whole_status" -eq 1 ]
}

explain() {
	kinds='getpwnam_r uname'
	sweep explains_or_fails "$JWTCTL" explain --config ../conf \
	    --user deploy --now "$NOW" "$@"
}

@test 'explain: accepted, or a fault' {
	configured
	input=../token
	explain --host build7
	[ "$whole_status" -eq 0 ]
}

@test 'explain: refused or a fault, never accepted' {
	configured
	input=../expired
	explain --host build7
	set -- "$JWTCTL" explain --config ../conf --user deploy --now "$NOW" \
	    --host build7 --json
	whole "$@"
	each memory 12 3 explains_or_fails "$@"
	[ "$whole_status" -eq 1 ]
}

@test 'explain: a faulty configuration' {
	configured
	printf '%s\n' 'unheard = of' 'nor = this' >>../conf
	input=../token
	explain --json
	[ "$whole_status" -eq 2 ]
}

@test 'explain: settings of the command line' {
	configured
	input=../token
	kinds='getpwnam_r uname'
	sweep explains_or_fails "$JWTCTL" explain --user deploy --now "$NOW" \
	    --issuer https://issuer.test --keys ../test.pub --algorithms EdDSA \
	    --audience ssh://build7
	[ "$whole_status" -eq 0 ]
}

@test 'check: no fault, or a fault' {
	configured
	input=../nothing
	kinds='uname stat'
	sweep faults_or_fails "$JWTCTL" check --config ../conf
	[ "$whole_status" -eq 0 ]
}

@test 'check: a fault is never none' {
	configured
	# One file under two names, which the configuration alone does not show.
	ln ../test.pub ../same.pub
	sed -e 's/corp/bare/' -e 's/^issuer .*/issuer_absent = yes/' \
	    -e 's/^user .*/user = name/' -e 's/test\.pub/same.pub/' ../conf \
	    >../bare
	cat ../bare >>../conf
	input=../nothing
	kinds='uname stat'
	sweep faults_or_fails "$JWTCTL" check --config ../conf
	[ "$whole_status" -eq 1 ]
}

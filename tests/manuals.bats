#!/usr/bin/env bats
# The manuals say what the programs do: each example is a configuration without
# a fault, each key, option, reason and word of the log has its place, and none
# is there that is not.

bats_require_minimum_version 1.5.0

setup() {
	umask 022
	cd "$BATS_TEST_DIRNAME/.."
	ISSUERD=${BUILD:-build}/jwt-issuerd
	conf5=man/jwt-issuer.conf.5
	issuerd8=man/jwt-issuerd.8
}

# examples PAGE: each one in a file of its own, and how many there are.
examples() {
	awk -v folder="$BATS_TEST_TMPDIR" '
		/^\.Bd -literal/ { file = folder "/example-" ++n; next }
		/^\.Ed/ { file = "" }
		file != "" { print > file }
		END { print n }
	' "$1"
}

# Alone a kernel that is too old for `proof = session` may refuse one.
checked() {
	run "$ISSUERD" --check --config "$1"
	if [[ $output == *'Linux 6.5'* ]]; then
		sed -i 's/session/peer/' "$1"
		run "$ISSUERD" --check --config "$1"
	fi
	[ "$status" -eq 0 ] && [ -z "$output" ]
}

@test "each example of jwt-issuer.conf(5) is a configuration without a fault" {
	count=$(examples "$conf5")
	[ "$count" -eq 3 ]
	for file in "$BATS_TEST_TMPDIR"/example-*; do
		checked "$file"
	done
	# A fault in one would be seen.
	sed -i 's/^audience/audiences/' "$file"
	run "$ISSUERD" --check --config "$file"
	[ "$status" -eq 78 ]
	[[ $output == *"'audiences'"* ]]
}

@test "jwt-issuer.conf(5) has each key of each section, and no other" {
	# Those of one section stand in one table.
	for section in issuer policies users; do
		sed -n "/^static.* of_$section\[/,/^}/s/^    {\"\([a-z_]*\)\".*/\1/p" \
		    issuer/sections.c | sort -u >"$BATS_TEST_TMPDIR/$section.code"
		[ -s "$BATS_TEST_TMPDIR/$section.code" ]
	done
	awk -v folder="$BATS_TEST_TMPDIR" '
		/^\.S[sh]/ { file = "" }
		/^\.Ss Section \[issuer\]/ { file = folder "/issuer.page" }
		/^\.Ss Section \[policy/ { file = folder "/policies.page" }
		/^\.Ss Section \[user/ { file = folder "/users.page" }
		file != "" && /^\.It Cm [a-z_]* No =/ { print $3 > file }
	' "$conf5"
	for section in issuer policies users; do
		sort "$BATS_TEST_TMPDIR/$section.page" |
		    diff "$BATS_TEST_TMPDIR/$section.code" -
	done
}

@test "each default in jwt-issuer.conf(5) is taken, one more than a limit is not" {
	cat >"$BATS_TEST_TMPDIR/conf" <<-END
		[issuer]
		issuer = https://issuer.example.com
		keys = /var/lib/jwt-issuer/keys
		user = jwt-issuer
		profile = login+jwt
		publish_before = 24h
		cache = 6h
		leeway = 60s
		answer_time = 60s
		connections = 64
		connections_per_user = 4
		tokens_per_minute = 30
		[policy all]
		audience = **
		proof = password
		lifetime = 5m
		max_lifetime = 1h
		amr = pwd
	END
	checked "$BATS_TEST_TMPDIR/conf"
	while read -r key value; do
		[ "$value" != '' ] || continue
		tr '\n' ' ' <"$conf5" | sed 's/\.It/\n&/g' |
		    grep "^\.It Cm $key No = " | grep -qF -- "$value"
	done < <(sed -n 's/ = / /; /^[a-z]/p' "$BATS_TEST_TMPDIR/conf" |
	    grep -v '^\(issuer\|keys\|audience\) ')
	# One more than it may be is a fault.
	for change in leeway=301s max_lifetime=25h lifetime=61m \
	    tokens_per_minute=0; do
		sed "s/^${change%=*} =.*/${change/=/ = }/" \
		    "$BATS_TEST_TMPDIR/conf" >"$BATS_TEST_TMPDIR/other"
		run "$ISSUERD" --check --config "$BATS_TEST_TMPDIR/other"
		[ "$status" -eq 78 ]
	done
}

@test "jwt-issuerd(8) has each option, and no other" {
	run "$ISSUERD" --help
	[ "$status" -eq 0 ]
	grep -o '^  --[a-z]*' <<<"$output" | tr -d ' -' | sort >"$BATS_TEST_TMPDIR/code"
	sed -n 's/^\.It Fl Fl \([a-z]*\).*/\1/p' "$issuerd8" | sort |
	    diff "$BATS_TEST_TMPDIR/code" -
	grep -qx listen "$BATS_TEST_TMPDIR/code"
}

@test "jwt-issuerd(8) has each reason, and no other" {
	sed -n 's/^    \[ISSUER_[A-Z_]*\] = {"\([a-z_]*\)".*/\1/p' \
	    issuer/reason.c >"$BATS_TEST_TMPDIR/code"
	[ -s "$BATS_TEST_TMPDIR/code" ]
	sed -n '/^\.Sh REASONS/,/^\.Sh SIGNALS/s/^\.It Li //p' "$issuerd8" |
	    diff "$BATS_TEST_TMPDIR/code" -
}

@test "jwt-issuerd(8) says what the front keeps of the host" {
	page=$(tr '\n' ' ' <"$issuerd8")
	while read -r path; do
		name=${path#/dev/}
		[[ $page == *" ${name#/run/} "* ]]
	done < <(sed -n 's/^    {"\(\/[^"]*\)".*/\1/p' issuer/jwt-issuerd_view.c)
	[ -n "$path$name" ]
}

# The statements that write the log line, one a line.
log_statements() {
	sed -n -e '/^put_service(/,/^}/p' -e '/^jwt_verdict_line(/,/^}/p' \
	    jwt/verdict.c | tr -d '\n\t' | tr ';' '\n'
}

@test "pam_jwt(8) has each word of the log line, in its order, and no other" {
	log_statements | sed -n '/jwt_verdict_line(/,$p' |
	    sed 's/put_service(/"service"/' | grep -oE '"[a-z]+"' | tr -d '"' |
	    grep -vxE 'accepted|refused' >"$BATS_TEST_TMPDIR/code"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/code")" -eq 14 ]
	sed -n '/^\.Sh LOG/,/^\.Ss/s/^\.It Li \([a-z]*\)=$/\1/p' man/pam_jwt.8 |
	    diff "$BATS_TEST_TMPDIR/code" -
}

# room NAME: the last number that stands below its word.
room() {
	sed -n '/^\.Sh LOG/,/^\.Ss/p' man/pam_jwt.8 |
	    sed -n "/^\.It Li $1=\$/,/^\.\(It\|El\)/{/^\.It Li $1=/d;/^\.\(It\|El\)/d;p}" |
	    grep -oE '[0-9]+' | tail -n 1
}

@test "pam_jwt(8) has how long each quoted word may be" {
	local statement name count=0
	while read -r statement; do
		for name in $(grep -oE '"[a-z]+"' <<<"$statement" | tr -d '"'); do
			[ "$(room "$name")" = "${statement//*, /}" ]
			count=$((count + 1))
		done
	done < <(log_statements | grep -oE 'put_quoted\(.*, [0-9]+' |
	    sed 's/.*put_quoted(/put_quoted(/')
	[ "$count" -eq 12 ]
}

# Those that a refusal by the clock writes instead of a sentence.
@test "pam_jwt(8) has each word about times, and no other" {
	{
		grep -ohE '[a-z_]{3,}=%' jwt/claims.c jwt/judge.c | tr -d '=%'
		grep -ohE 'say_times\(trial, "[a-z_]+"' jwt/claims.c |
		    cut -d '"' -f 2
		tr -d '\n\t' <jwt/claims.c |
		    grep -oE 'check_age\(trial, "[a-z_]+",[^"]*"[a-z_]+"' |
		    grep -oE '"[a-z_]+"' | tr -d '"'
	} | sort -u >"$BATS_TEST_TMPDIR/code"
	sed -n '/^In the place of/,/^\.El/p' man/pam_jwt.8 |
	    sed -n '/^\.Bl/,$p' | grep -oE '[a-z_]+=' | tr -d = | sort -u |
	    diff "$BATS_TEST_TMPDIR/code" -
	grep -qx max_auth_age "$BATS_TEST_TMPDIR/code"
}

@test "pam_jwt(8) has each reason, and no other" {
	sed -n 's/^    \[JWT_[A-Z_]*\] = {"\([a-z_]*\)".*/\1/p' jwt/reason.c |
	    sort -u >"$BATS_TEST_TMPDIR/code"
	[ -s "$BATS_TEST_TMPDIR/code" ]
	sed -n '/^\.Sh REASONS/,/^\.Sh ENV/s/^\.It Li //p' man/pam_jwt.8 |
	    grep -oE '[a-z_]+' | sort -u | diff "$BATS_TEST_TMPDIR/code" -
}

# groff warns of macros that are wrong; it is what man(1) runs.
@test "the manuals are without a fault for groff" {
	command -v groff || skip 'no groff'
	for page in man/*.[1578]; do
		run groff -mdoc -Tutf8 -ww -z "$page"
		[ -z "$output" ]
	done
}

#!/bin/bash
# demo.sh: what `make demo` shows. It lies with the tests because it is made of
# their functions (login/world.bash) and is run by one of them, so that it
# cannot show what is no longer true.
#
# As root all of it happens in a mount namespace with its own /etc, accounts,
# sshd and sudo; as anybody else, or where root may not mount, through
# libpam_wrapper, without sudo. Either way this host stays as it is.
set -u

# shellcheck source-path=SCRIPTDIR source=login/world.bash
. "$(dirname "$0")/login/world.bash"
# shellcheck source-path=SCRIPTDIR source=demo_hosts.bash
. "$(dirname "$0")/demo_hosts.bash"
# shellcheck source-path=SCRIPTDIR source=demo_provider.bash
. "$(dirname "$0")/demo_provider.bash"

bold='' dim='' good='' bad='' plain=''
if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$'\e[1m' dim=$'\e[2m' good=$'\e[32m' bad=$'\e[31m' plain=$'\e[0m'
fi
columns=80
if [ -t 1 ]; then
	read -r _ columns < <(stty size 2>/dev/null) || columns=80
	[ "$columns" -ge 60 ] || columns=80
fi

# Also on ^C: processes, mounts and files go.
end_all() {
	provider_stop
	if [ "${#HOST_NAMES[@]}" -gt 0 ]; then
		hosts_end
	else
		world_end
	fi
	[ -z "${stage:-}" ] || rm -rf "$stage"
}
# A second one must not stop that halfway.
trap 'trap "" INT TERM HUP; end_all' EXIT
trap 'trap "" INT TERM HUP; echo; exit 130' INT
trap 'trap "" INT TERM HUP; exit 143' TERM HUP

fail() {
	printf '\n%sThe demo went wrong:%s %s\n' "$bad" "$plain" "$*" >&2
	[ ! -e "$WORLD/mark" ] || log_now >&2
	exit 1
}

steps=0
step() {
	steps=$((steps + 1))
	printf '\n%s%d. %s%s\n' "$bold" "$steps" "$1" "$plain"
}

say() { # for the reader, wrapped
	printf '%s\n' "$*" | fold -s -w "$((columns - 4))" |
	    sed "s/^/  $dim/; s/ *\$/$plain/"
}

# What is typed and what it prints. $DEMO stands for the temporary folder.
typed() {
	printf '  $ %s\n' "${1//"$WORLD"/\$DEMO}"
}

printed() {
	sed "s|${WORLD:-^$}|\$DEMO|g; s/^/  /"
}

labelled() { # labelled LABEL TEXT
	printf '%s\n' "$2" | fold -s -w "$((columns - 12))" |
	    sed "1s/^/  $(printf '%-8s' "$1")/; 1!s/^/          /"
}

# The log line of the login that just ran, from its first own word on.
logins=0
log_line() { # log_line REASON
	local line
	logins=$((logins + 1))
	line=$(wait_log "(accepted|refused|error) reason=$1 ") || fail "no log line for $1"
	line=${line#*pam_jwt\(*\): }
	labelled log "${line#<[0-9]*>}"
}

# --- where it all happens ---------------------------------------------------

world_root
case $? in
0) ;;
77)
	world_user || fail 'no place to show it in'
	;;
*)
	fail 'no place to show it in'
	;;
esac

printf '%spam_jwt: a token logs you in%s\n' "$bold" "$plain"
if [ "$WORLD_KIND" = root ]; then
	say "Everything below runs in a mount namespace with its own /etc," \
	    "accounts, sshd and sudo, and with files in a temporary folder," \
	    "\$DEMO. Of this host nothing is changed."
else
	say 'Everything below runs through libpam_wrapper, with a private sshd' \
	    "on the loopback and files in a temporary folder, \$DEMO. Of this" \
	    "host nothing is changed. sudo is left out: it $WORLD_REASON."
fi

issuer=https://issuer.example.com
ISSUER=$issuer
keys=$ETC/security/pam_jwt.d/issuer.jwks
audience=ssh://$HOST
token=$WORLD/token

# quietly CMD...: what it says only where it fails.
quietly() {
	"$@" >"$WORLD/said" 2>&1 || fail "$*: $(cat "$WORLD/said")"
}

# believe: this host's pam_jwt.conf and the PAM files of sshd and sudo.
believe() {
	config <<-END
		[issuer ours]
		issuer     = $issuer
		keys       = $keys
		audience   = ssh://%h
		algorithms = EdDSA
		user       = sub
	END
	config_runner
	stack sshd <<-END
		auth     required pam_jwt.so
		@include common-account
		@include common-session
	END
	# A token for ssh does not open sudo: that one has an audience of its own.
	[ "$WORLD_KIND" = user ] || stack sudo <<-END
		auth     required pam_jwt.so issuer=$issuer keys=$keys audience=%s://%h algorithms=EdDSA user=sub
		@include common-account
		@include common-session-noninteractive
	END
}

# An issuer in a root world: a policy, a key, the service that holds it.
begin_issuer() {
	issuer_config "$@" <<-END
		[policy everybody]
		audience = ssh://* sudo://*
	END
	issuer_stack
	quietly issuer_folder
	quietly in_world jwtctl key new
	quietly in_world jwtctl jwks --output "$keys"
	quietly start_issuerd
}

# issue AUDIENCE FILE: an ordinary login with the password, typed here.
issue() {
	local name=${2#"$WORLD/"}
	if [ "$WORLD_KIND" = user ]; then
		typed "jwtctl sign --key issuer.jwk < claims > $name"
		token "$2" --key issuer.jwk aud="$1"
		return
	fi
	typed "jwt-issue -a $1 > $name"
	printf '  Password: %s   %s(typed by this script)%s\n' "$PASSWORD" \
	    "$dim" "$plain"
	printf '%s\n' "$PASSWORD" | as deploy jwt-issue --stdin -a "$1" \
	    >"$2" 2>"$WORLD/said" || fail "jwt-issue: $(cat "$WORLD/said")"
}

# --- the first act ----------------------------------------------------------

# What a provider would sign with; in a user world all tokens are made by it.
KEYS=$WORLD/etc/security/pam_jwt.d
quietly in_world PAM_WRAPPER=0 jwtctl keygen "$ETC/security/pam_jwt.d/issuer.jwk"

if [ "$WORLD_KIND" = root ]; then
	step 'A key that nobody can read, and a configuration that believes it'
	typed 'cat /etc/security/jwt-issuer.conf'
	printf '  %s\n' '[issuer]' "issuer   = $issuer" \
	    'keys     = /srv/jwt-issuer/keys' '[policy everybody]' \
	    'audience = ssh://* sudo://*'
	typed 'jwtctl key new'
	typed "jwtctl jwks --output $keys"
	typed 'jwt-issuerd --listen &'
	begin_issuer
	# The long token of later is another key's, as a provider's would be.
	in_world jwtctl jwks >"$WORLD/said"
	sed "s|^{\"keys\":\[|&$(cat "$KEYS/issuer.jwk.pub"),|" "$WORLD/said" |
	    put /etc/security/pam_jwt.d/issuer.jwks
	typed 'sudo -u deploy ls /srv/jwt-issuer/keys'
	as deploy ls "$ISSUER_KEYS" 2>&1 | printed
else
	step 'A key pair, and a configuration that believes it'
	say 'The issuer that guards its key (jwt-issuerd) needs root, so here' \
	    'jwtctl sign makes the tokens.'
	typed "jwtctl keygen $ETC/security/pam_jwt.d/issuer.jwk"
	keys=$ETC/security/pam_jwt.d/issuer.jwk.pub
fi
believe
typed "cat $ETC/security/pam_jwt.conf"
printed <"$WORLD/etc/security/pam_jwt.conf"
typed "cat $ETC/pam.d/sshd"
printed <"$WORLD/etc/pam.d/sshd" | grep pam_jwt

if [ "$WORLD_KIND" = root ]; then
	step 'An ordinary login, with the password of deploy, gives a token'
else
	step 'A token for deploy'
fi
issue "$audience" "$token"
printf '  %.48s...  %s(%d characters, good for 5 minutes)%s\n' \
    "$(cat "$token")" "$dim" "$(($(wc -c <"$token") - 1))" "$plain"
if [ "$WORLD_KIND" = root ]; then
	line=$(wait_log 'issued reason=issued') || fail 'no audit line'
	labelled issuer "${line#*jwt-issuerd*: }"
fi

step 'The stock ssh client logs in with that token as the password'
start_sshd || fail 'sshd'
typed "ssh -p $SSH_PORT deploy@127.0.0.1 id"
printf '  (deploy@127.0.0.1) JWT: %.24s...\n' "$(cat "$token")"
ssh_with "$token" deploy id >"$WORLD/said" 2>&1 ||
    fail "ssh: $(cat "$WORLD/said")"
sed "s/.*/  $good&$plain/" "$WORLD/said"
log_line accepted

if [ "$WORLD_KIND" = root ]; then
	step 'sudo takes a token too, one with an audience of its own'
	issue "sudo://$HOST" "$token.sudo"
	typed 'sudo id'
	printf '  JWT: %.24s...\n' "$(cat "$token.sudo")"
	sudo_with "$token.sudo" deploy id >"$WORLD/said" 2>&1 ||
	    fail "sudo: $(cat "$WORLD/said")"
	sed "s/.*/  $good&$plain/" "$WORLD/said"
	log_line accepted
fi

# As a provider's: with its groups it fits no prompt.
groups=$(printf '"/teams/platform/role-%02d",' {1..105})
step 'A long token, as of an identity provider, goes in pieces by jwt-askpass'
token "$token.long" --key issuer.jwk groups="[${groups%,}]" \
    aud="[\"$audience\",\"ssh://127.0.0.1\"]"
world_own "$token.long"
long=$(($(wc -c <"$token.long") - 1))
say "This one has $long characters; ssh takes 1023 at a prompt, sudo 511."
typed "export JWT_FILE=$token.long SSH_ASKPASS=jwt-askpass SSH_ASKPASS_REQUIRE=force"
typed "ssh -p $SSH_PORT deploy@127.0.0.1 id"
# shellcheck disable=SC2034 # for ssh_with
SSH_ENV=(SSH_ASKPASS="$BIN/jwt-askpass" JWT_FILE="$token.long")
ssh_with "$token.long" deploy id >"$WORLD/said" 2>&1 ||
    fail "ssh: $(cat "$WORLD/said")"
# shellcheck disable=SC2034
SSH_ENV=()
sed "s/.*/  $good&$plain/" "$WORLD/said"
log_line accepted
if [ "$WORLD_KIND" = root ]; then
	token "$token.long" --key issuer.jwk groups="[${groups%,}]" \
	    aud="sudo://$HOST"
	# The temporary folder may be closed to deploy.
	in_world install -m 600 -o deploy /dev/stdin /run/home/deploy/token \
	    <"$token.long"
	# shellcheck disable=SC2016 # as it would be typed
	typed 'export JWT_FILE=~/token SUDO_ASKPASS=$(command -v jwt-askpass)'
	typed 'sudo -A id'
	log_mark
	as deploy JWT_FILE=/run/home/deploy/token SUDO_ASKPASS="$BIN/jwt-askpass" \
	    timeout 60 sudo -k -A id >"$WORLD/said" 2>&1 ||
	    fail "sudo -A: $(cat "$WORLD/said")"
	sed "s/.*/  $good&$plain/" "$WORLD/said"
	log_line accepted
fi

# refused REASON FILE USER TITLE: tried by ssh, and asked about.
refused() {
	printf '\n  %s%s%s\n' "$bold" "$4" "$plain"
	if ssh_with "$2" "$3" id >"$WORLD/said" 2>&1; then
		fail "ssh took it: $4"
	fi
	labelled ssh "$(sed 's/.*: //' "$WORLD/said")"
	log_line "$1"
	explain "$2" "$3" --service sshd >"$WORLD/said" 2>&1
	labelled explain "$bad$(tail -n 1 "$WORLD/said")$plain"
	[ "$(tail -n 1 "$WORLD/said")" = "refused: $1" ] ||
	    fail "jwtctl explain says otherwise: $(cat "$WORLD/said")"
}

step 'What is refused, what the log says, and what jwtctl explain says'
token "$token.expired" --key issuer.jwk iat=-600 exp=-300
refused expired "$token.expired" deploy 'A token that expired five minutes ago'

token "$token.other" --key issuer.jwk sub=operator
token "$token.tampered" --key issuer.jwk
tamper "$token.tampered" 2 "$token.other"
refused signature_invalid "$token.tampered" operator \
    "deploy's token, its sub changed to operator"

token "$token.elsewhere" --key issuer.jwk aud=ssh://elsewhere
refused audience_mismatch "$token.elsewhere" deploy 'A token for another host'

provider_act

lines=$(grep -cE '(accepted|refused|error) reason=' "$WORLD/log")
[ "$lines" -eq "$logins" ] ||
    fail "$logins logins left $lines lines in the log"
printf '\n'
say "$logins logins were tried, and the log has $lines lines: one for each."

if [ "$WORLD_KIND" = root ]; then
	printf '\n%sSecond act%s\n' "$bold" "$plain"
	world_end
	two_hosts
fi

step 'What next'
say 'README.md has five minutes to a real host, and pam.d-example the lines' \
    'for ssh, sudo and su; make check runs every test. Nothing of this demo' \
    'is left behind.'

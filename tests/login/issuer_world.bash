# shellcheck shell=bash
# What is quoted is meant for another shell.
# shellcheck disable=SC2016
#
# The issuer in a root world; loaded by world.bash.
#
#   issuer_config [LINE...]   writes stdin as the policies of jwt-issuer.conf,
#                         behind an [issuer] section with these LINEs in it
#   issuer_key [ARG...]   jwtctl key new ARG..., and the public set to where
#                         pam_jwt.conf has it (config_issuer)
#   config_issuer         pam_jwt.conf believes what this issuer signs
#   start_issuerd [PROGRAM]   jwt-issuerd --listen, or another build of it, with
#                         the variables of the array ISSUERD_ENV
#   issue_with FILE ACCOUNT ARG...    jwt-issue --stdin ARG... as that account,
#                         which answers with the lines of FILE
#   session_of UID CMD... CMD in the world as a process of a login of UID
#
# The key folder is $ISSUER_KEYS, the service's process $ISSUERD_PID.

# Neither below /tmp nor /run, where the front sees nothing at all.
ISSUER_KEYS=/srv/jwt-issuer/keys
ISSUERD_ENV=()

issuer_config() {
	# The world's PAM modules lie in /run, and so does much of its /etc. What
	# a sanitizer has to say goes to $WORLD.
	local paths='/run/pam /run/etc'
	[ -z "$(sanitizer)" ] || paths+=" $WORLD"
	{
		printf '%s\n' '[issuer]' "issuer = $ISSUER" \
		    "keys = $ISSUER_KEYS" "pam_paths = $paths" "$@"
		cat
	} | put /etc/security/jwt-issuer.conf
}

# Whatever stack common-auth is, pam_unix tells no wrong password in 2 s.
issuer_stack() {
	stack jwt-issuer <<-END
		auth	required	pam_unix.so nodelay
		@include common-account
	END
}

issuer_folder() {
	in_world sh -c '[ ! -d /srv/jwt-issuer ] || exit 0
		mount -t tmpfs -o mode=755 srv /srv &&
		install -d -m 755 -o jwt-issuer -g jwt-issuer /srv/jwt-issuer &&
		install -d -m 700 -o jwt-issuer -g jwt-issuer "$1"' \
	    - "$ISSUER_KEYS"
}

issuer_publish() {
	in_world jwtctl jwks >"$WORLD/jwks" &&
	    put /etc/security/pam_jwt.d/issuer.jwks <"$WORLD/jwks"
}

issuer_key() {
	issuer_folder && in_world jwtctl key new "$@" >/dev/null 2>&1 &&
	    issuer_publish
}

config_issuer() {
	config <<-END
		[issuer ours]
		issuer     = $ISSUER
		keys       = /etc/security/pam_jwt.d/issuer.jwks
		audience   = %s://%h
		algorithms = EdDSA ES256 RS256
		user       = sub
	END
}

start_issuerd() {
	log_mark
	in_world env "${ISSUERD_ENV[@]}" "${1:-jwt-issuerd}" --listen </dev/null \
	    >"$WORLD/issuerd.log" 2>&1 3>&- &
	ISSUERD_PID=$!
	WORLD_PIDS+=("$ISSUERD_PID")
	until_true 10 issuerd_decided || :
	log_has 'jwt-issuerd.*: ready' ||
	    world_fail "jwt-issuerd does not start: $(cat "$WORLD/issuerd.log")"
}

issuerd_decided() {
	log_has 'jwt-issuerd.*: ready' || ! kill -0 "$ISSUERD_PID" 2>/dev/null
}

issue_with() {
	local file=$1 account=$2
	shift 2
	answer "$file"
	as "$account" timeout 60 jwt-issue --stdin "$@" <"$WORLD/answer"
}

session_of() {
	local uid=$1
	shift
	in_world sh -c 'echo "$0" >/proc/self/loginuid && exec "$@"' "$uid" "$@"
}

# shellcheck shell=bash
# Variables come from run, the tests and what is loaded before, and go to them.
# shellcheck disable=SC2034,SC2154
#
# Real providers of identity beside a world; loaded after matrix.bash and
# ../login/netd.bash.
#
#   sso_begin             a root world, or skips, where pam-jwtd can run; its
#                         PAM service test takes a token and nothing else
#   sso_section ISSUER [LINE...]    one section, which finds its keys by
#                         discovery, with these lines
#   sso_service           what pam-jwtd needs to be told in a configuration
#   enters USER           the token in $token logs in as that
#   refused REASON USER   it does not, and that is why
#   meanwhile CMD...      the token in $token logs deploy in again and again
#                         while CMD runs in this shell, and never fails

sso_begin() {
	matrix_begin test
	NETD_FOLDER=/run/pam_jwt_keys
	NETD_SOCKET=/run/pam_jwt/socket
	in_world install -d -m 755 -o pam-jwtd -g pam-jwtd "$NETD_FOLDER"
}

sso_service() {
	printf '[pam-jwtd]\nfolder = %s\nsocket = %s\n' "$NETD_FOLDER" \
	    "$NETD_SOCKET"
}

sso_section() {
	local issuer=$1
	shift
	config <<-END
		[issuer sso]
		issuer     = $issuer
		discovery  = yes
		algorithms = ES256 RS256 PS256 EdDSA Ed25519
		$(printf '%s\n' "$@")

		$(sso_service)
	END
}

enters() {
	log_mark
	matrix_answers "$token" whole >"$answers"
	run pam_with "$answers" test "$1" authenticate
	[ "$status" -eq 0 ] || { log_now; return 1; }
}

refused() {
	log_mark
	matrix_answers "$token" whole >"$answers"
	run pam_with "$answers" test "$2" authenticate
	[ "$status" -ne 0 ]
	wait_log " refused reason=$1 " >/dev/null
}

meanwhile() {
	local end=$BATS_TEST_TMPDIR/end failed=$BATS_TEST_TMPDIR/failed others
	matrix_answers "$token" whole >"$answers.others"
	rm -f "$end"
	(
		until [ -e "$end" ] || [ ! -d "$WORLD" ]; do
			in_world pamtester test deploy authenticate \
			    <"$answers.others" >/dev/null 2>&1 || echo failed
		done
	) >"$failed" 3>&- &
	others=$!
	"$@" || { : >"$end"; return 1; }
	: >"$end"
	wait "$others" || :
	[ ! -s "$failed" ]
}

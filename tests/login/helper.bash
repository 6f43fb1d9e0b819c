# shellcheck shell=bash
#
# What every bats file here loads: worlds (see world.bash) and what a test
# says about a login. A file begins with
#
#	load helper
#	setup() { root_world; }		or user_world
#	teardown() { world_end; }
#
# and a test reads
#
#	run ssh_with "$token" deploy true
#	refused expired

# shellcheck source-path=SCRIPTDIR source=world.bash
. "$BATS_TEST_DIRNAME/world.bash"

# root_world, user_world: a world in which the key "test" signs, the default
# configuration believes it, and the services sshd, sudo, su and test take a
# token and nothing else. $token is a file for the test's token.
root_world() {
	local status=0
	world_root || status=$?
	[ "$status" -ne 77 ] || skip "$WORLD_REASON"
	[ "$status" -eq 0 ] && token_world
}

user_world() {
	world_user && token_world
}

token_world() {
	local service
	# shellcheck disable=SC2034 # for the tests
	token=$BATS_TEST_TMPDIR/token
	key_new test
	config_default
	for service in sshd sudo su test; do
		stack "$service" <<-END
			auth	required	pam_jwt.so
			@include common-account
			@include common-session
		END
	done
}

# accepted, refused REASON: what `run` ran logged in, or did not, and the log
# has one line for it, with its reason, at the right priority.
accepted() {
	# shellcheck disable=SC2154 # set by run
	[ "$status" -eq 0 ] || { shown; return 1; }
	wait_log '^<86>.*accepted reason=accepted ' >/dev/null && one_line
}

refused() {
	local priority=85
	case $1 in
	config_error | *_unavailable | internal_error) priority=83 ;;
	esac
	[ "$status" -ne 0 ] || { shown; return 1; }
	wait_log "^<$priority>.*(refused|error) reason=$1 " >/dev/null && one_line
}

one_line() {
	[ "$(log_now | grep -c ' reason=')" -eq 1 ] || {
		echo 'more than one line for one login:'
		log_now
		return 1
	}
}

# explained REASON FILE USER [ARG...]: jwtctl explain says the same of it.
explained() {
	local reason=$1
	shift
	# shellcheck disable=SC2154 # set by run
	run explain "$@"
	if [ "$reason" = accepted ]; then
		# shellcheck disable=SC2154
		[ "$status" -eq 0 ] && [ "${lines[-1]}" = accepted ]
	else
		[ "$status" -ne 0 ] && [ "${lines[-1]}" = "refused: $reason" ]
	fi || { shown; return 1; }
}

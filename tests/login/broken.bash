# shellcheck shell=bash
#
# A command where memory runs out or the machine fails, at every place in
# turn, by preload-break.so. Loaded by bats files.
#
#   broken_begin      makes a folder, W, with a key "test", claims for it and
#                     an empty folder "here", in which the commands run
#   broken_end        removes it
#   whole CMD...      the run in which nothing fails
#   each KIND WITH STEP CHECK CMD...
#                     CMD with each call of the KIND failing, once and for
#                     good, and CHECK of what came of it, which is in $status,
#                     $out, $err and $files (those in "here")
#   sweep CHECK CMD...    whole, and each kind that all have, and $kinds
#   sentence, same    checks: one line that names a fault; as in the whole run
# $input is the file that is standard input.

# shellcheck source-path=SCRIPTDIR source=claims.bash
. "$BATS_TEST_DIRNAME/claims.bash"

broken_begin() {
	umask 022
	build=$(realpath "${BUILD:-build}")
	preload=$build/tests/login/preload-break.so
	JWTCTL=$build/jwtctl
	W=$(mktemp -d)
	mkdir "$W/here"
	cd "$W/here" || return 1
	# What spins ends.
	ulimit -t 60
	NOW=1800000000
	AUD=ssh://build7
	"$JWTCTL" keygen ../test 2>/dev/null
	claims >../claims
	: >../nothing
	# libcrypto asks for memory thousands of times, and each run of a
	# sanitizer takes ten times as long.
	step_crypto=197 step=1 kinds='' input=../nothing
	if grep -q __asan_init "$JWTCTL"; then
		export ASAN_OPTIONS=verify_asan_link_order=0
		# It loses some of its own when it has no memory for the next.
		echo leak:libcrypto >../suppressions
		export LSAN_OPTIONS=suppressions=$W/suppressions:print_suppressions=0
		step_crypto=499 step=3
	fi
}

broken_end() {
	cd / && rm -rf "${W:?}"
}

wrong() {
	printf '%s\n' "$place: status $status" "output: $out" "error: $err" \
	    "files: $files"
	return 1
}

# once KIND NTH WITH CMD...: the command with that failure; KIND may be none.
once() {
	local kind=$1 nth=$2 with=$3
	shift 3
	status=0 out='' err=''
	place="$kind $nth ($with) of $*"
	rm -f ../mark key key.pub
	LD_PRELOAD=$preload BREAK="$kind $nth $with $W/mark" "$@" \
	    >../out 2>../err <"$input" || status=$?
	IFS= read -r -d '' out <../out || :
	IFS= read -r -d '' err <../err || :
	files=$(shopt -s nullglob dotglob && echo *)
}

each() {
	local kind=$1 with=$2 step=$3 check=$4 n good stride
	local -a goods=('' +)
	shift 4
	# Interrupted for good, anybody would try for good.
	[ "$with" -ne 4 ] || goods=('')
	for good in "${goods[@]}"; do
		stride=$((${#good} > 0 ? 7 * step : step))
		for ((n = 1; ; n += stride)); do
			once "$kind" "$n$good" "$with" "$@"
			"$check" || wrong || return
			[ -e ../mark ] || break
		done
	done
}

whole() {
	once none 1 0 "$@"
	whole_status=$status whole_out=$out whole_err=$err
}

sweep() {
	local kind
	whole "${@:2}"
	each memory 12 "$step" "$@"
	each crypto 12 "$step_crypto" "$@"
	for kind in open openat read fstat readlinkat getcwd $kinds; do
		each "$kind" 5 1 "$@"
	done
	each read 0 1 "$@"
	each read 4 1 "$@"
}

sentence() {
	[[ $err =~ ^[a-z][a-z_\ -]*:\ [^$'\n']+$'\n'$ ]] && [ -z "$out" ]
}

same() {
	[ "$status" -eq "$whole_status" ] && [ "$out" = "$whole_out" ] &&
	    [ "$err" = "$whole_err" ]
}

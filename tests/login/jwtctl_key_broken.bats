#!/usr/bin/env bats
# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
#
# jwtctl key where it is broken off, where the machine fails, and where the
# disk is full: the ring works all the same, and every token that lives is
# taken.

bats_require_minimum_version 1.5.0

setup() {
	load keys
	keys_begin 'publish_before = 1h'
	preload=$build/tests/login/preload-break.so
	# What each run begins with, and the token that must always be taken.
	fresh
	issue
	alive=$token
	first=$kid
	# Each run of a sanitizer takes ten times as long.
	step=1
	if grep -q __asan_init "$JWTCTL"; then
		step=3
		# It loses some of its own when it has no memory for the next.
		echo leak:libcrypto >suppressions
		export LSAN_OPTIONS=suppressions=$W/suppressions:print_suppressions=0
	fi
}

teardown() {
	keys_end
}

# broken KIND NTH WITH CALL...: the call, with that failure.
broken() {
	local kind=$1 nth=$2 with=$3
	shift 3
	status=0
	rm -f mark
	# The shell tells of each one that is killed.
	{
		/usr/bin/env CLOCK="$NOW" BREAK="$kind $nth $with $W/mark" \
		    LD_PRELOAD="$preload $W/bin/preload-clock.so" \
		    "$JWTCTL" "$@" --config "$W/conf" >out 2>err || status=$?
	} 2>told
	place="$kind $nth ($with) of $*"
}

# The ring is one that works, and the next run ends what was begun.
ring_works() {
	holds "$alive" && is 0 key list || return 1
	[ -z "$(kid active)" ] || issue || return 1
	[ -z "$(kid active)" ] || holds "$token" || return 1
	is 0 key tend || return 1
	[ -z "$(find keys -name '.new-*')" ] || return 1
	# No private half but of those that sign or will.
	local jwk
	for jwk in keys/*.jwk; do
		[ -e "$jwk" ] || continue
		[[ " $(kid active) $(kid next) " == *" $(basename "$jwk" .jwk) "* ]] ||
		    grep -q "$(basename "$jwk"): belongs to no key" err ||
		    return 1
	done
	holds "$alive"
}

# What fails says so; and nothing is said to be done that is not.
fails_or_is_done() {
	if [ "$status" -eq 0 ]; then
		done_is_done
	elif [ "$status" -eq 137 ]; then
		:
	else
		[ "$status" -eq 2 ] && [[ $(<err) == 'jwtctl'*': '* ]]
	fi
}

# each WITH KINDS CALL...: each call of each kind fails, in the same folder.
each() {
	local with=$1 kinds=$2 kind n
	shift 2
	rm -rf start
	cp -a keys start
	for kind in $kinds; do
		for ((n = 1; ; n += $([ "$kind" != crypto ] || echo 150*)step)); do
			rm -rf keys
			cp -a start keys
			broken "$kind" "$n" "$with" "$@"
			if ! fails_or_is_done || ! ring_works; then
				printf '%s\n' "$place: status $status" \
				    "$(cat err)" "$(cat keys/ring)" \
				    "$(ls -a keys)"
				return 1
			fi
			[ -e mark ] || break
		done
		# It has such calls.
		[ "$n" -gt 1 ] || { echo "no $kind in $*"; return 1; }
	done
	rm -rf keys
	mv start keys
}

# After each of these the disk is another.
CHANGES='write fchmod fsync renameat'

@test 'new: broken off, failing' {
	done_is_done() { [ -n "$(kid next)" ]; }
	each kill "$CHANGES" key new
	each 28 "openat close getrandom $CHANGES" key new
	each 5 'flock fdopendir' key new
	each 0 write key new
}

@test 'the very first key: broken off, failing' {
	done_is_done() { [ -n "$(kid active)" ]; }
	# There is no token yet that could be taken.
	ring_works() {
		is 0 key tend || return 1
		if [ -z "$(kid active)" ]; then
			is 0 key new || return 1
		fi
		issue && holds "$token"
	}
	rm -r keys
	mkdir -m 700 keys
	each kill "$CHANGES" key new
	each 28 "$CHANGES" key new
}

@test 'activate: broken off, failing' {
	is 0 key rotate
	next=$(kid next)
	NOW=$((NOW + 200))
	done_is_done() {
		[ "$(kid active)" = "$next" ] && [ "$(kid retired)" = "$first" ]
	}
	each kill "$CHANGES unlinkat" key activate --now "$next"
	each 28 "$CHANGES unlinkat" key activate --now "$next"
	each 0 write key activate --now "$next"
}

@test 'retire: broken off, failing' {
	done_is_done() { [ -z "$(kid active)" ] && [ ! -e "keys/$first.jwk" ]; }
	each kill "$CHANGES unlinkat" key retire --now "$first"
	each 28 "$CHANGES unlinkat" key retire --now "$first"
}

@test 'remove: broken off, failing' {
	fresh
	is 0 key activate --now "$kid"
	fresh
	gone=$kid
	is 0 key retire "$gone"
	done_is_done() { [ -z "$(field "$gone" state)" ]; }
	each kill "$CHANGES unlinkat" key remove "$gone"
	each 28 "$CHANGES unlinkat" key remove "$gone"
}

@test 'tend, with everything due: broken off, failing' {
	keys_configure 'publish_before = 1h' 'rotate_every = 2h' 'cache = 0s' \
	    'leeway = 1s'
	is 0 key rotate
	NOW=$((NOW + 3600))
	is 0 key tend
	NOW=$((NOW + 3600))
	issue
	alive=$token
	is 0 key tend
	NOW=$((NOW + 3600))
	done_is_done() { [ -n "$(kid active)" ]; }
	each kill "$CHANGES unlinkat" key tend
	each 28 "$CHANGES unlinkat" key tend
}

@test 'jwks: the old set or the new one, whole' {
	is 0 ctl jwks --config conf -o set
	cp set old
	is 0 key rotate
	local kind n
	for kind in openat mkostemp write fchmod fsync rename read pipe2 fork; do
		for n in 1 2 3; do
			cp old set
			broken "$kind" "$n" 28 jwks -o "$W/set"
			case $status in
			0) [ "$(jq '.keys | length' set)" -eq 2 ] ;;
			2)
				cmp set old
				[[ $(<err) == 'jwtctl jwks: '* ]]
				;;
			*) false ;;
			esac
			[ "$(find . -maxdepth 1 -name 'set.*' | wc -l)" -eq 0 ]
		done
	done
}

# --- without memory, and where files cannot be opened ------------------------

# Half a second each would be too long for so many: the key signs and its
# token is taken.
ring_is_there() {
	holds "$alive" && issue
}

MACHINE='openat fstat read getpwnam_r flock'

@test 'new: no memory, and a machine that fails' {
	ring_works() { ring_is_there; }
	done_is_done() { [ -n "$(kid next)" ]; }
	each 12 'memory crypto' key new
	each 5 "$MACHINE fdopendir" key new
	each 4 'write read' key new
}

@test 'activate and remove: no memory, and a machine that fails' {
	ring_works() { ring_is_there; }
	is 0 key rotate
	next=$(kid next)
	done_is_done() { [ "$(kid active)" = "$next" ]; }
	each 12 memory key activate --now "$next"
	each 5 "$MACHINE" key activate --now "$next"
	each 4 write key activate --now "$next"
	is 0 key retire "$next"
	done_is_done() { [ -z "$(field "$next" state)" ]; }
	each 12 memory key remove "$next"
}

@test 'tend: no memory, and a machine that fails' {
	keys_configure 'rotate_every = 25h'
	ring_works() { ring_is_there; }
	NOW=$((NOW + 25 * 3600))
	done_is_done() { [ -n "$(kid next)" ]; }
	each 12 memory key tend
	each 5 "$MACHINE" key tend
}

@test 'list, jwks: no memory, and a machine that fails' {
	ring_works() { cmp -s keys/ring start/ring; }
	is 0 key list --json
	cp out whole
	done_is_done() { cmp -s out whole; }
	each 12 memory key list --json
	each 5 "openat fstat read getpwnam_r" key list --json
	is 0 ctl jwks --config conf
	cp out whole
	each 12 'memory crypto' jwks
	each 5 "openat fstat read getpwnam_r write" jwks
	each 4 write jwks
	is 0 ctl jwks --config conf -o "$W/set"
	done_is_done() { cmp -s set whole; }
	each 12 memory jwks -o "$W/set"
	each 4 'write read' jwks -o "$W/set"
	cmp set whole
}

# --- a disk that is full ----------------------------------------------------

@test 'a full disk: said, nothing changed, and tokens are still signed' {
	need_root
	unshare -m true 2>/dev/null || skip 'needs a mount namespace'
	mkdir -p full
	# shellcheck disable=SC2016
	cat >inside <<-'END'
		set -eu
		mount -t tmpfs -o size=64k,mode=0755 none full
		cp -a keys full/keys
		dd if=/dev/zero of=full/filler bs=4k 2>/dev/null || :
		cp -a full/keys before
		for call in 'new' 'rotate' "retire $1 --now"; do
			status=0
			bin/jwtctl key $call --config conf 2>err || status=$?
			[ "$status" -eq 2 ]
			grep -q 'No space left on device' err
			diff -r full/keys before
		done
		# What it has signed before needs no room, what is longer does.
		bin/sign_by_folder "$PWD/full/keys" "$2" 300 '{}' >token
		! bin/sign_by_folder "$PWD/full/keys" "$2" 301 '{}' 2>err
		grep -q 'store_unavailable: .*No space left on device' err
		diff -r full/keys before
		rm full/filler
		bin/jwtctl key rotate --config conf
	END
	sed -i "s#^keys = .*#keys = $W/full/keys#" conf
	# By the host's own clock, which is before that of the tests.
	sed -i "s/= 18[0-9]* .*/= $(date +%s)/" keys/ring
	run -0 unshare -m bash inside "$first" "$(date +%s)"
}

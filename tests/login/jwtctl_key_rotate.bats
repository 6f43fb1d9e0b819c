#!/usr/bin/env bats
# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
#
# jwtctl key rotate and tend: what is due by the clock, once and no sooner, and
# no token that lives is refused meanwhile.

bats_require_minimum_version 1.5.0

setup() {
	load keys
	keys_begin
}

teardown() {
	keys_end
}

@test 'rotate: one step each time, and running it twice is running it once' {
	fresh
	first=$kid
	issue
	is 0 key rotate
	next=$(kid next)
	has "$err" "$next: next; to be published now"
	has "$err" "what comes next: $next signs from 2027-01-16T08:00:00Z"
	cp keys/ring ring
	is 0 key rotate
	[[ $err != *published* ]]
	cmp keys/ring ring
	NOW=$((NOW + 86400))
	is 0 key rotate
	has "$err" "$next: active"
	has "$err" "$first: retired"
	has "$err" "what comes next: $first is removed from"
	[ -z "$(kid next)" ]
	NOW=$((NOW + 300 + 60 + 21600))
	is 0 key tend
	has "$err" "$first: removed"
	has "$err" 'nothing comes by itself'
	[ "$(key list --json | jq -c '[.keys[].kid]')" = "[\"$next\"]" ]
}

@test 'rotate: the next key has the algorithm of the one that signs' {
	fresh --alg ES384
	is 0 key rotate
	[ "$(field "$(kid next)" alg)" = ES384 ]
}

@test 'rotate: on an empty folder it makes the first key' {
	mkdir -m 700 keys
	is 0 key rotate
	[ -n "$(kid active)" ]
}

@test 'tend: makes a next key only with rotate_every, and in time' {
	fresh
	NOW=$((NOW + 400 * 86400))
	is 0 key tend
	[ -z "$(kid next)" ]
	keys_configure 'rotate_every = 401d'
	NOW=$((NOW - 1))
	is 0 key tend
	has "$err" "what comes next: $kid gets a next key beside it from"
	[ -z "$(kid next)" ]
	NOW=$((NOW + 1))
	is 0 key tend
	[ -n "$(kid next)" ]
	cp keys/ring ring
	is 0 key tend
	cmp keys/ring ring
}

@test 'rotate: many at once are one' {
	fresh
	local pids=() pid n
	for n in {1..8}; do
		key rotate >/dev/null 2>"err$n" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	[ "$(cat err? | grep -c ': next; to be published')" -eq 1 ]
	[ "$(key list --json | jq '.keys | length')" -eq 2 ]
	[ "$(find keys -name '*.jwk' | wc -l)" -eq 2 ]
}

@test 'a lock that somebody holds is waited for, and not for ever' {
	fresh
	flock keys sleep 60 &
	holder=$!
	until ! flock -n keys true; do :; done
	is 2 key rotate
	pkill -P "$holder" 2>/dev/null || :
	kill "$holder" 2>/dev/null || :
	has "$err" 'somebody else has locked it for 10 seconds'
	[ -z "$(kid next)" ]
}

@test 'a clock that went back changes nothing, and both times are said' {
	fresh
	issue
	first=$kid
	is 0 key rotate
	cp -r keys before
	local call
	NOW=$((NOW - 6))
	for call in new rotate tend "activate $(kid next) --now" \
	    "retire $first --now" "remove $first --now"; do
		# shellcheck disable=SC2086
		is 1 key $call
		has "$err" 'the clock says 2027-01-15T07:59:54Z'
		has "$err" 'last change was at 2027-01-15T08:00:00Z'
	done
	diff -r keys before
	is 1 bin/sign_by_folder "$W/keys" "$NOW" 300 '{}'
	has "$err" 'clock_wrong: '
	# What ntp corrects is nothing of that kind.
	NOW=$((NOW + 1))
	is 0 key tend
	issue
}

# A host that asks for the set now and then, and one that has just asked
# before a key was added: both take every token that lives.
@test 'a rotation from beginning to end: every token that lives is taken' {
	keys_configure 'publish_before = 2h' 'cache = 1h' 'rotate_every = 5h' \
	    'leeway = 60s'
	local step end life i removed=0 refused=0
	local -a tokens=() ends=()
	fresh
	first=$kid
	for step in {0..39}; do
		is 0 key tend
		[[ $err != *removed* ]] || removed=$((removed + 1))
		is 0 ctl jwks --config conf -o "set.$step"
		life=$((300 + step % 4 * 1100))
		issue "$life"
		tokens+=("$token")
		ends+=($((NOW + life + 60)))
		for i in "${!tokens[@]}"; do
			if [ "${ends[i]}" -lt "$NOW" ]; then
				holds "${tokens[i]}" "set.$step" ||
				    refused=$((refused + 1))
				unset "tokens[$i]"
				continue
			fi
			holds "${tokens[i]}" "set.$step"
			[ "$step" -lt 4 ] ||
			    holds "${tokens[i]}" "set.$((step - 4))"
		done
		# Nothing but the key that signs and the next one can sign.
		[ "$(find keys -name '*.jwk' -printf '%f\n' | sort)" = \
		    "$({ kid active; kid next; } | sed 's/$/.jwk/' | sort)" ]
		NOW=$((NOW + 900))
	done
	[ "$removed" -ge 1 ]
	[ "$(kid active)" != "$first" ]
	[ ! -e "keys/$first.pub" ]
}

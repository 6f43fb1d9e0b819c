# The shape of a token under attack, each fault beside what is taken. The
# tokens are signed, so that only the fault itself stands in their way.

bats_require_minimum_version 1.5.0

setup() {
	load signing
	signing_begin
	sign "$(claims)"
	whole=$(<"$T")
	IFS=. read -r head payload signature <<<"$whole"
}

teardown() {
	signing_end
}

# answers REASON: each line is an answer
answers() {
	local answer count=0
	while IFS= read -r answer; do
		bytes "$answer" >"$T"
		says "$1" || wrong "by the answer: $answer" || return
		count=$((count + 1))
	done
	[ "$count" -gt 0 ]
}

@test 'D13: an empty signature is none, whatever the header says' {
	local alg
	says accepted
	for alg in EdDSA ES256 HS256; do
		printf '%s.%s.' "$(printf '{"alg":"%s"}' "$alg" | base64url)" \
		    "$payload" >"$T"
		says cut_off
	done
	for alg in none NONE x ''; do
		printf '%s.%s.' "$(printf '{"alg":"%s"}' "$alg" | base64url)" \
		    "$payload" >"$T"
		says malformed
	done
}

@test 'D15: the very bytes count that were signed, however they are spaced' {
	local odd='{ "alg" :<09>"EdDSA"<0A>,"typ":"\u004aWT" }<0D><0A>'
	sign "$(claims)" "$odd"
	says accepted
	# The same JSON in other bytes was not signed.
	printf '%s.%s\n' "$(printf '{"alg":"EdDSA","typ":"JWT"}' | base64url)" \
	    "$(cut -d. -f2- <"$T")" >"$T"
	says signature_invalid
	printf '%s.%s.%s\n' "$head" "$(claims | sed 's/,/, /' | base64url)" \
	    "$signature" >"$T"
	says signature_invalid
}

@test 'E1 E17: three parts, and none of them is empty' {
	answers accepted <<<"$whole"
	answers cut_off <<-END
		$head
		$head.
		$head.$payload
		$head..
	END
	answers not_a_jwt <<-END
		.$whole
		.$payload.$signature
		..$signature
		..
	END
	answers malformed <<-END
		$head..$signature
		$whole.
		$whole..
		$whole.$signature
		$head..$payload.$signature
	END
}

@test 'E2: the dots behind the third are not counted' {
	head -c 65000 /dev/zero | tr '\0' . >"$T"
	says not_a_jwt
	{
		printf %s "$head"
		head -c 65000 /dev/zero | tr '\0' .
	} >"$T"
	says malformed
	[[ $OUT == *'more than three parts'* ]]
}

@test 'E3: 64 KiB are looked at, and no byte of more' {
	local size
	for size in 65537 1000000; do
		{
			printf %s "$whole"
			head -c $((size - ${#whole})) /dev/zero | tr '\0' A
		} >"$T"
		says too_long
	done
	# As long as it may be, and good.
	sign "$(claims "pad=\"$(head -c 48800 /dev/zero | tr '\0' x)\"")"
	[ "$(wc -c <"$T")" -gt 65000 ]
	says accepted
}

@test 'E4 E5 E6 E7 E8: a part is written in one way alone' {
	local part old bad dirty
	local -a parts
	for part in 0 1 2; do
		parts=("$head" "$payload" "$signature")
		old=${parts[part]}
		for bad in "$old=" "$old==" "${old:0:20}=${old:21}" \
		    "${old:0:20}+${old:21}" "${old:0:20}/${old:21}" \
		    "${old:0:20} ${old:20}" "$old " "$old<0A>" "$old<0D><0A>" \
		    "$old<00>" "${old:0:20}<00>${old:20}" "$old<C3><A9>" \
		    "$old%3D" "$old," "$old<7F>"; do
			parts[part]=$bad
			bytes "$(IFS=. && echo "${parts[*]}")" >"$T"
			# explain drops one line feed at the end, as a terminal does.
			echo >>"$T"
			says malformed || wrong "by part $part: $bad"
		done
		# A character too many, so that the length is 1 modulo 4.
		dirty=$old
		while [ $((${#dirty} % 4)) -ne 1 ]; do dirty+=A; done
		parts[part]=$dirty
		(IFS=. && echo "${parts[*]}") >"$T"
		says malformed || wrong "by part $part: $dirty"
	done
}

@test 'E7: unused bits of a last character are zero, in each part' {
	local pad count=0 first second third
	# 16 bytes of header, 1 more than a multiple of 3; of payload, 2 more.
	sign "$(claims)" '{"alg":"EdDSA" }'
	says accepted
	[[ $(<"$T") == *'fQ.'* ]]
	sed -i 's/fQ\./fR./' "$T"
	says malformed
	for pad in '' ' ' '  '; do
		sign "$(claims)$pad"
		says accepted
		IFS=. read -r first second third <"$T"
		[ $((${#second} % 4)) -ne 0 ] || continue
		printf '%s.%s.%s\n' "$first" \
		    "${second%?}$(tr 'AQgwEIMUYckos048' 'BRhxFJNVZdlpt159' \
			<<<"${second: -1}")" "$third" >"$T"
		says malformed
		count=$((count + 1))
	done
	[ "$count" -eq 2 ]
	# Of a signature they are told by the key's length, and refused as well.
	printf '%s.%s.%s\n' "$first" "$second" \
	    "${third%?}$(tr AQgw BRhx <<<"${third: -1}")" >"$T"
	says malformed
}

@test 'E9 E10: no other serialization is a token, and no polyglot' {
	answers not_a_jwt <<-END
		{"payload":"$payload","protected":"$head","signature":"$signature"}
		{"payload":"$payload","signatures":[{"protected":"$head","signature":"$signature"}]}
		{"x":"$whole"}
		{"$head.$payload.$signature":1,"payload":"$payload"}
		["$whole"]
		{"a":".$payload.$signature"}
	END
	answers accepted <<<"$whole"
}

@test 'E11: five parts are encryption, and there is none here' {
	answers malformed <<-END
		$head.$signature.$signature.$payload.$signature
		$whole.$head.$payload
	END
	printf '%s....\n' "$(printf '{"alg":"dir","enc":"A128GCM"}' |
	    base64url)" >"$T"
	says malformed
	# In three parts it is an algorithm that nobody allows.
	headers algorithm_not_allowed <<-'END'
		{"alg":"dir","enc":"A128GCM"}
		{"alg":"RSA-OAEP","enc":"A128GCM"}
		{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AA"}
	END
}

@test 'E12 E13 E14: no member that says the payload is something else' {
	headers header_invalid <<-'END'
		{"alg":"EdDSA","zip":"DEF"}
		{"alg":"EdDSA","zip":null}
		{"alg":"EdDSA","cty":"JWT"}
		{"alg":"EdDSA","cty":"jwt"}
		{"alg":"EdDSA","cty":"application/JWT"}
		{"alg":"EdDSA","cty":1}
		{"alg":"EdDSA","b64":false}
		{"alg":"EdDSA","b64":true}
		{"alg":"EdDSA","b64":false,"crit":["b64"]}
		{"alg":"EdDSA","b64":true,"crit":["b64"]}
	END
	headers accepted <<-'END'
		{"alg":"EdDSA","cty":"json"}
		{"alg":"EdDSA","p2c":2147483647}
		{"alg":"EdDSA","ZIP":"DEF","B64":false}
	END
	# Unencoded, the payload is no base64url.
	printf '%s.%s.%s\n' "$(printf '{"alg":"EdDSA","b64":false,"crit":["b64"]}' |
	    base64url)" "$(claims)" "$signature" >"$T"
	says malformed
}

@test 'E15 E16: crit in any form is refused' {
	headers header_invalid <<-'END'
		{"alg":"EdDSA","crit":["x"],"x":1}
		{"alg":"EdDSA","crit":["exp"],"exp":1}
		{"alg":"EdDSA","crit":["x"]}
		{"alg":"EdDSA","crit":["alg"]}
		{"alg":"EdDSA","crit":["crit"]}
		{"alg":"EdDSA","crit":[]}
		{"alg":"EdDSA","crit":[1],"1":1}
		{"alg":"EdDSA","crit":["x","x"],"x":1}
		{"alg":"EdDSA","crit":[null]}
		{"alg":"EdDSA","crit":"x","x":1}
		{"alg":"EdDSA","crit":{}}
		{"alg":"EdDSA","crit":null}
		{"alg":"EdDSA","\u0063rit":["x"],"x":1}
	END
	# A member that is not understood and not critical is ignored.
	headers accepted <<-'END'
		{"alg":"EdDSA","x":1}
		{"alg":"EdDSA","Crit":["x"],"x":1}
	END
}

@test 'E18: nothing around a token is peeled off' {
	answers not_a_jwt <<-END
		Bearer $whole
		bearer $whole
		JWT $whole
		"$whole"
		'$whole'
		 $whole
		<09>$whole
		access_token=$whole
		%65${whole:1}
	END
	answers malformed <<-END
		$whole<22>
		$whole;
		$whole<0A><0A>
		$head%2E$payload%2E$signature.a.b
		$head.$payload.$signature%20
	END
}

@test 'E19: nothing stands before the JSON of a header or of a payload' {
	headers accepted <<<' {"alg":"EdDSA"} '
	headers not_a_jwt <<-'END'
		<EF><BB><BF>{"alg":"EdDSA"}
		<00>{"alg":"EdDSA"}
		<FF><FE>{<00>}<00>
		<0B>{"alg":"EdDSA"}
		<C2><A0>{"alg":"EdDSA"}
	END
	each accepted <<<" $(claims) "
	each claims_invalid <<-END
		<EF><BB><BF>$(claims)
		<00>$(claims)
		<0B>$(claims)
		<C2><A0>$(claims)
	END
}

@test 'E20: a NUL is a byte like others that do not belong there' {
	answers malformed <<-END
		$whole<00>
		$whole<00>.x
		$head<00>.$payload.$signature
		$head.$payload<00>.$signature
		$head.$payload.<00>$signature
	END
	answers not_a_jwt <<-END
		<00>$whole
		<00>
	END
	answers cut_off <<<"$head<00>"
}

@test 'B2: no place that a header names is asked for keys' {
	local member
	for member in jku x5u; do
		sign "$(claims)" "{\"alg\":\"EdDSA\",\"$member\":\"http://127.0.0.1:1/keys\"}"
		strace -f -q -e trace=openat,%network -o trace "$JWTCTL" \
		    explain --config conf --user deploy --now "$NOW" <token >out ||
		    :
		[[ $(<out) == *'refused: header_invalid' ]]
		grep -q openat trace
		run ! grep -E 'socket|connect|sendto' trace
	done
}

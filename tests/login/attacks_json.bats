# The JSON of headers and payloads under attack: a reader that takes more than
# RFC 8259 allows would let it in, or say another reason.

bats_require_minimum_version 1.5.0

setup() {
	load signing
	signing_begin
	good=$(claims)
	# What a good payload begins with, for more members and the brace.
	open=${good%\}}
}

teardown() {
	signing_end
}

@test 'F1: a member twice in a header' {
	headers header_invalid <<-'END'
		{"alg":"none","alg":"EdDSA"}
		{"alg":"EdDSA","alg":"none"}
		{"alg":"EdDSA","alg":"EdDSA"}
		{"alg":"EdDSA","\u0061lg":"EdDSA"}
		{"alg":"EdDSA","x":1,"y":2,"x":1}
	END
	headers accepted <<<'{"alg":"EdDSA","Alg":"none"}'
}

@test 'F2 F3: a member twice in the claims, however written, at any depth' {
	each claims_invalid <<-END
		$open,"sub":"deploy"}
		$open,"s\\u0075b":"root"}
		$open,"\\u0073\\u0075\\u0062":"root"}
		$open,"exp":$((NOW + 200))}
		$open,"x":1,"x":1}
		$open,"a\\/b":1,"a/b":1}
		$open,"\\u00e9":1,"é":1}
		$open,"a":{"x":1,"x":2}}
		$open,"a":[{"b":{"x":1,"\\u0078":2}}]}
	END
	# Names are bytes: other ones are other members.
	each accepted <<-END
		$open,"Sub":"root","sub ":"root","\\u0455ub":"root"}
		$open,"\\u00e9":1,"e\\u0301":1}
		$open,"a":{"x":1},"b":{"x":1,"a":{"x":1}}}
	END
}

@test 'F4 F5: an escaped NUL in a value or in a name' {
	each claims_invalid <<-END
		$(claims sub='"deploy\u0000"')
		$(claims sub='"deploy\u0000root"')
		$(claims aud='"ssh\u0000x"')
		$(claims aud='["ssh\u0000"]')
		$(claims iss='"https://issuer.test\u0000"')
		$(claims sub= 'sub\u0000x="deploy"')
		$open,"a":{"\\u0000":1}}
	END
	headers header_invalid <<-'END'
		{"alg":"EdDSA\u0000"}
		{"alg\u0000":"none","alg":"EdDSA"}
	END
	each accepted <<<"$open,\"x\":\"\\u0001\\\\u0000\"}"
}

@test 'F6 F7: nothing but white space around the one object' {
	each claims_invalid <<-END
		$good<00>
		$good<00>junk
		$good<00>$good
		$good$good
		$good x
		$good,
		$good}
		$good<0C>
		$good<0B>
		$good<C2><A0>
		$good<E2><80><A8>
		$good//
		<0C>$good
		#<0A>$good
	END
	headers header_invalid <<-'END'
		{"alg":"EdDSA"}<00>
		{"alg":"EdDSA"}<00>{"alg":"none"}
		{"alg":"EdDSA"}{"alg":"EdDSA"}
		{"alg":"EdDSA"},
		{"alg":"EdDSA"}<0C>
	END
	each accepted <<<"<09><0A><0D> $good <09><0A><0D>"
	headers accepted <<<'<09><0A><0D> {"alg":"EdDSA"} <09><0A><0D>'
}

@test 'F8: header and claims are an object each' {
	each claims_invalid <<-END
		["a"]
		[$good]
		[]
		"x"
		1
		1.5
		null
		true
		"${good//\"/\\\"}"
	END
	headers not_a_jwt <<-'END'
		["alg"]
		[{"alg":"EdDSA"}]
		"EdDSA"
		1
		null
	END
	# Not even the empty one, and of nothing there are no claims.
	each claims_invalid <<<'{}'
	headers header_invalid <<<'{}'
}

@test 'F9 F10: text is UTF-8, and surrogates come in pairs' {
	local bad
	while IFS= read -r bad; do
		unsigned "$open,\"x\":\"$bad\"}"
		says claims_invalid || wrong "by the value $bad"
		unsigned "$open,\"x$bad\":1}"
		says claims_invalid || wrong "by the name $bad"
		unsigned "$good" "{\"alg\":\"EdDSA\",\"x\":\"$bad\"}"
		says header_invalid || wrong "by a header with $bad"
	done <<-'END'
		<80>
		<BF>
		<C0><AF>
		<C1><BF>
		<C3>
		<C3>(
		<E0><80><AF>
		<E2><82>
		<ED><A0><80>
		<ED><A0><80><ED><B0><80>
		<F0><80><80><AF>
		<F0><9F><98>
		<F4><90><80><80>
		<F8><88><80><80><80>
		<FE>
		<FF>
		\ud800
		\udc00
		\ud800\ud800
		\udc00\ud800
		\ud800x
		\ud800\n
		\ud800\u0041
		\uD83D\\uDE00
	END
	each accepted <<-END
		$open,"x":"<C3><A9><E2><82><AC><F0><9F><98><80><F4><8F><BF><BF>"}
		$open,"x":"\\ud83d\\ude00\\uDBFF\\uDFFF\\u0800"}
	END
}

@test 'F11 F12: what is JSON to lenient readers only' {
	local bad
	while IFS= read -r bad; do
		unsigned "$open,\"x\":$bad}"
		says claims_invalid || wrong "by: $bad"
	done <<-'END'
		NaN
		Infinity
		-Infinity
		nan
		0x10
		01
		-01
		+1
		.5
		1.
		1e
		1e+
		-
		1_000
		True
		nul
		undefined
		'x'
		x
		[1,]
		[,1]
		[1 2]
		[1
		{"a":1,}
		{,}
		{a:1}
		{'a':1}
		{"a"}
		{"a":}
		{"a" 1}
		{1:1}
		1/**/
		1//
		"\x41"
		"\'"
		"\U0041"
		"\u00g1"
		"\u004"
		"\
		"<09>"
		"<0A>"
		"<0D>"
		"<01>"
		"<1F>"
		"a<00>b"
		"x
	END
	each claims_invalid <<-END
		$open,}
		${good%\}}
		{,${good#\{}
	END
	each accepted <<-END
		$open,"x":[0,-0,1.5,-1e5,1E+2,true,false,null,[],{}]}
		$open,"x":"\\b\\f\\n\\r\\t\\"\\\\\\/\\u001f<7F>"}
	END
}

@test 'F13: arrays and objects lie 16 deep at most' {
	local deep
	# One level is the claims themselves.
	deep=$(printf '%.0s[' {1..15})1$(printf '%.0s]' {1..15})
	sign "$open,\"x\":$deep}"
	says accepted
	sign "$open,\"x\":[$deep]}"
	says claims_invalid
	for deep in '[' '{"x":'; do
		sign "$open,\"x\":$(printf "%.0s$deep" {1..9000})"
		says claims_invalid
		sign "$good" "{\"alg\":\"EdDSA\",\"x\":$(printf \
		    "%.0s$deep" {1..9000})"
		says header_invalid
	done
}

# many COUNT: so many members
many() {
	seq -f '"m%g":0' -s , "$1"
}

@test 'F14: an object has 256 members at most, and long names cost nothing' {
	sign "$open,$(many 251)}"
	says accepted
	sign "$open,$(many 252)}"
	says claims_invalid
	sign "$open,\"x\":{$(many 257)}}"
	says claims_invalid
	sign "$open,$(many 4000)}"
	says claims_invalid
	sign "$good" "{\"alg\":\"EdDSA\",$(many 4000)}"
	says header_invalid
	sign "$open,\"$(head -c 40000 /dev/zero | tr '\0' n)\":0}"
	says accepted
}

@test 'F15: names that mean something elsewhere mean nothing' {
	each accepted <<-END
		$open,"":1,"__proto__":{"sub":"root"},"constructor":{"exp":0}}
		$open,"prototype":[],"toString":null,"\$ref":"#/x","@type":"x"}
	END
	headers accepted <<<'{"alg":"EdDSA","":"none","__proto__":{"alg":"none"}}'
	# Nor do they stand in for a claim.
	each claims_invalid <<-END
		$(claims sub= __proto__='{"sub":"deploy"}')
		$(claims exp= __proto__="{\"exp\":$((NOW + 300))}")
		${open/,\"aud\":\"ssh\"/},"":"ssh"}
	END
}

@test 'F16: a number in quotes is a string' {
	each accepted <<<"$good"
	each claims_invalid <<-END
		$(claims exp="\"$((NOW + 300))\"")
		$(claims exp="\"$((NOW + 300)).0\"")
		$(claims iat="\"$((NOW - 10))\"")
		$(claims nbf="\"$((NOW - 10))\"")
		$(claims sub=7)
	END
	# And a string of digits is no number where one is asked for.
	settings 'require = "level is \"5\""'
	says config_error
	settings 'require = level is "5"'
	each requirement_unmet <<<"$(claims level=5)"
	each accepted <<<"$(claims level='"5"')"
}

@test 'F17: what the header says is no claim, and no claim is a header' {
	local header
	header="{\"alg\":\"EdDSA\",\"sub\":\"deploy\",\"aud\":\"ssh\",\"exp\":$((NOW + 300))}"
	sign "$(claims sub='"operator"')" "$header"
	says user_mismatch
	sign "$(claims sub=)" "$header"
	says claims_invalid
	sign "$(claims exp=)" "$header"
	says claims_invalid
	sign "$(claims exp="$((NOW - 100))" iat="$((NOW - 200))")" "$header"
	says expired
	sign "$(claims aud='"web"')" "$header"
	says audience_mismatch
	sign "$(claims iss=)" '{"alg":"EdDSA","iss":"https://issuer.test"}'
	says claims_invalid
	sign "$good" '{"alg":"EdDSA","sub":"root","exp":0,"cnf":{},"events":{}}'
	says accepted
	sign "$(claims alg='"none"' kid='"other"' crit='["x"]' b64=false)"
	says accepted
}

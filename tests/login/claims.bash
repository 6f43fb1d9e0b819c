# shellcheck shell=bash
#
# claims [NAME=JSON]...: a good payload at the clock $NOW, for the audience
# $AUD, each claim changed or, with nothing behind the =, dropped.
claims() {
	local name comma='' order='iss sub aud iat exp'
	local -A claim=([iss]='"https://issuer.test"' [sub]='"deploy"'
	    [aud]="\"$AUD\"" [iat]=$((NOW - 10)) [exp]=$((NOW + 300)))
	for name; do
		[ -n "${claim[${name%%=*}]+set}" ] || order+=" ${name%%=*}"
		claim[${name%%=*}]=${name#*=}
	done
	printf '{'
	for name in $order; do
		[ -n "${claim[$name]}" ] || continue
		printf '%s"%s":%s' "$comma" "$name" "${claim[$name]}"
		comma=,
	done
	printf '}'
}

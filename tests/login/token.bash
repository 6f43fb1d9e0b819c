# shellcheck shell=bash
#
# Keys and tokens for the logins; loaded by world.bash, which describes them.

key_new() {
	local name=$1
	shift
	world_own "$KEYS"
	in_world PAM_WRAPPER=0 jwtctl keygen "$@" "$KEYS/$name" \
	    2>"$WORLD/keygen" || {
		cat "$WORLD/keygen" >&2
		return 1
	}
	put "/etc/security/pam_jwt.d/$name.pub" <"$KEYS/$name.pub"
}

# json VALUE: as it is where it can only be JSON, else as a string of it.
json() {
	case $1 in
	[+-][0-9]*) printf '%s' "$(($(date +%s) + $1))" ;;
	\[* | \{* | \"* | [0-9]* | true | false | null) printf '%s' "$1" ;;
	*) printf '"%s"' "$1" ;;
	esac
}

token() {
	local file=$1 key=test name order='iss sub aud iat exp jti' now comma=
	local -a options=()
	local -A claim
	shift
	now=$(date +%s)
	claim=([iss]=$ISSUER [sub]=deploy [aud]=ssh://$HOST [iat]=$now
	    [exp]=$((now + 300)) [jti]="t$now-$RANDOM$RANDOM")
	while [ $# -gt 0 ]; do
		case $1 in
		--key)
			key=$2
			shift
			;;
		--*)
			options+=("$1" "$2")
			shift
			;;
		*)
			name=${1%%=*}
			[ -n "${claim[$name]+set}" ] || order+=" $name"
			claim[$name]=${1#*=}
			;;
		esac
		shift
	done
	{
		printf '{'
		for name in $order; do
			[ -n "${claim[$name]}" ] || continue
			printf '%s"%s":' "$comma" "$name"
			json "${claim[$name]}"
			comma=,
		done
		printf '}'
	} >"$file.claims"
	(umask 077 && in_world PAM_WRAPPER=0 jwtctl sign --key "$KEYS/$key" \
	    "${options[@]}" <"$file.claims" >"$file")
}

tamper() {
	local -a part other
	local text old new
	IFS=. read -r -a part <"$1"
	if [ -n "${3:-}" ]; then
		IFS=. read -r -a other <"$3"
		part[$2 - 1]=${other[$2 - 1]}
	else
		text=${part[$2 - 1]}
		# Not the last one: it may have bits that do not count.
		old=${text:2:1}
		new=A
		[ "$old" != A ] || new=B
		part[$2 - 1]=${text:0:2}$new${text:3}
	fi
	(IFS=. && printf '%s\n' "${part[*]}") >"$1"
}

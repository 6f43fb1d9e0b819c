# Who may become whom, under attack. All tokens are signed by the issuer's own
# key; the accounts that are asked for need not exist on the host.

bats_require_minimum_version 1.5.0

setup() {
	load signing
	signing_begin
}

teardown() {
	signing_end
}

# opens USER CLAIM=JSON..., refuses REASON USER CLAIM=JSON...
opens() {
	refuses accepted "$@"
}

refuses() {
	local reason=$1 user=$2
	shift 2
	sign "$(claims "$@")"
	says "$reason" --user "$user" || wrong "for '$user' by: $*"
}

# mapped LINE...: a map of these lines says who may become whom
mapped() {
	printf '%s\n' "$@" >map
	settings "user_map = $W/map"
}

@test 'H1: a token opens the account that it names and no other' {
	local user
	opens deploy sub='"deploy"'
	for user in operator deplo deploy2 xdeploy \
	    Deploy deploy@example.com root-deploy; do
		refuses user_mismatch "$user" sub='"deploy"'
	done
	refuses user_not_allowed root sub='"deploy"'
	# Nor one that another claim names.
	refuses user_mismatch operator sub='"deploy"' preferred_username='"operator"' \
	    name='"operator"' email='"operator"' upn='"operator"'
}

@test 'H2: the local part of an address is no user' {
	local email
	settings 'user = email'
	opens deploy@example.com email='"deploy@example.com"'
	for email in deploy@example.com deploy@evil.example root@evil.example \
	    deploy@ @deploy 'deploy@b@c' '\"deploy\"@x' 'deploy%example.com' \
	    'deploy+x@example.com'; do
		refuses user_mismatch deploy email="\"$email\""
	done
	refuses user_mismatch deploy@example.com \
	    email='"deploy@example.com@evil.example"'
	refuses user_mismatch deploy@example.com email='"deploy@evil.example"'
	refuses user_not_allowed root email='"root@evil.example"'
	refuses user_not_allowed '"root"@x' email='"\"root\"@x"'
	# A map names the whole address.
	mapped 'deploy email is deploy@example.com'
	opens deploy email='"deploy@example.com"'
	refuses user_mismatch deploy email='"deploy@evil.example"'
	refuses user_mismatch deploy email='"deploy@example.com@evil.example"'
	refuses user_mismatch deploy email='"x,deploy@example.com"'
}

@test 'H3: email_verified is true, and nothing that looks like it' {
	local value
	mapped 'deploy email is deploy@example.com, email_verified is true'
	opens deploy email='"deploy@example.com"' email_verified=true
	for value in '' false '"true"' null 1 '"1"' '"yes"' '[true]' {}; do
		refuses user_mismatch deploy email='"deploy@example.com"' \
		    email_verified="$value"
	done
	settings 'user = email' 'require = email_verified is true'
	opens deploy@example.com email='"deploy@example.com"' \
	    email_verified=true
	for value in '' false '"true"' null 1; do
		refuses requirement_unmet deploy@example.com \
		    email='"deploy@example.com"' email_verified="$value"
	done
}

@test 'H4: unless a section says otherwise, sub alone says who it is' {
	opens deploy sub='"deploy"' preferred_username='"operator"'
	refuses user_mismatch operator preferred_username='"operator"'
	refuses claims_invalid operator sub= preferred_username='"operator"'
	settings 'user = preferred_username'
	opens operator preferred_username='"operator"'
	refuses user_mismatch deploy preferred_username='"operator"'
	refuses claims_invalid deploy
}

@test 'H5: what one issuer may say of an account, another may not' {
	openssl genpkey -algorithm ed25519 -out key2 2>/dev/null
	openssl pkey -in key2 -pubout -out pub2
	echo 'deploy sub is deploy' >map
	echo 'operator sub is deploy' >map2
	settings "user_map = $W/map" '[issuer other]' \
	    'issuer = https://other.test' "keys = $W/pub2" 'audience = ssh' \
	    'algorithms = EdDSA' "user_map = $W/map2"
	opens deploy sub='"deploy"'
	refuses user_mismatch operator sub='"deploy"'
	# The other issuer's name under the wrong key is not its word.
	refuses signature_invalid operator sub='"deploy"' \
	    iss='"https://other.test"'
	mv key2 key
	opens operator sub='"deploy"' iss='"https://other.test"'
	refuses user_mismatch deploy sub='"deploy"' iss='"https://other.test"'
	refuses signature_invalid deploy sub='"deploy"'
}

@test 'H6: a letter is another one in another case' {
	local user
	opens deploy sub='"deploy"'
	opens Deploy sub='"Deploy"'
	for user in Deploy DEPLOY deploY; do
		refuses user_mismatch "$user" sub='"deploy"'
		refuses user_mismatch deploy sub="\"$user\""
	done
	mapped 'deploy sub is deploy'
	refuses user_mismatch Deploy sub='"deploy"'
	refuses user_mismatch deploy sub='"DEPLOY"'
	# In another case root is only a name, and no token says it for root.
	refuses user_not_allowed root sub='"ROOT"'
}

@test 'H7: what looks like a name is none' {
	local name
	while IFS= read -r name; do
		name=$(bytes "$name")
		refuses user_not_allowed "$name" sub="\"$name\""
		refuses user_mismatch deploy sub="\"$name\""
	done <<-'END'
		<D4><81>eploy
		deplo<C3><A9>
		deploy<E2><80><8B>
		<E2><80><AE>ecila
		ali<C2><AD>ce
		<EF><BD><84>eploy
		deploy<CC><81>
		<EF><BB><BF>deploy
		deploy<C2><A0>
	END
	refuses user_mismatch deploy sub='"\u0501eploy"'
	refuses user_mismatch deploy sub='"deploy\u200b"'
	opens deploy sub='"\u0064eploy"'
}

@test 'H8: root and system accounts, until the section names them' {
	local user
	for user in root daemon nobody; do
		getent passwd "$user" >/dev/null || continue
		settings
		refuses user_not_allowed "$user" sub="\"$user\""
		settings 'system_accounts = other'
		refuses user_not_allowed "$user" sub="\"$user\""
		settings "system_accounts = $user"
		opens "$user" sub="\"$user\""
		refuses user_mismatch "$user" sub='"deploy"'
	done
	# A map is no way around.
	mapped 'root sub is deploy'
	refuses user_not_allowed root
	# Neither is another spelling.
	settings 'system_accounts = ROOT'
	refuses user_not_allowed root sub='"root"'
}

# none NAME...: nobody logs in by such a name, even where the token has it
none() {
	local name json
	for name; do
		json=${name//\\/\\\\} json=${json//\"/\\\"}
		json=${json//$'\n'/\\n} json=${json//$'\t'/\\t}
		json=${json//$'\r'/\\r} json=${json//$'\e'/\\u001b}
		settings
		refuses user_not_allowed "$name" sub="\"$json\""
		case $name in *[\"$'\n\r']* | '') continue ;; esac
		# Nor can it be named as an exception, or in a map.
		settings "system_accounts = \"$name\""
		says config_error --user "$name"
		mapped "\"$name\" sub is deploy"
		says config_error --user "$name"
	done
}

@test 'H9: a number is no name' {
	none 0 1000 00 2147483648 4294967296 0x0 1e3
	settings
	opens a0 sub='"a0"'
	# Nor does a claim that is a number name anybody.
	refuses claims_invalid a0 sub=0
}

@test 'H10: names that are options, paths, two names or two lines' {
	# shellcheck disable=SC2016 # no names of variables
	none -x -- -root .. . ../x a/b /etc 'a b' ' a' 'a ' a:b ':' $'a\nb' \
	    $'root\n' $'a\tb' $'a\rb' $'\e[2J' 'a"b' "a'b" 'a\b' 'a;b' 'a|b' \
	    'a&b' 'a*' 'a?' '~a' '$a' 'a$b' 'a%n' '@a' '%s' '+x' 'a,b' ''
	settings
	opens 'a.b-c_d@e' sub='"a.b-c_d@e"'
	opens 'pc$' sub='"pc$"'
}

@test 'H11: a pattern covers the whole value and never gives a name' {
	local sub line
	mapped 'deploy sub matches team-*'
	opens deploy sub='"team-a"'
	for sub in xteam-a 'team-a/b' 'team-a:b' team TEAM-a ' team-a' \
	    'x\nteam-a' ''; do
		refuses user_mismatch deploy sub="\"$sub\""
	done
	refuses user_mismatch operator sub='"team-operator"'
	refuses user_mismatch team-a sub='"team-a"'
	mapped 'deploy sub matches .*'
	refuses user_mismatch deploy sub='"deploy"'
	opens deploy sub='".x"'
	# A grant to everybody, to anybody, or to nobody is a mistake.
	for line in '* sub is x' 'de* sub is x' '%s sub is x' '"" sub is x' \
	    'deploy' 'deploy sub absent' 'deploy sub not is x' 'deploy sub is' \
	    'deploy sub matches ""' 'deploy sub ~ x'; do
		mapped "$line"
		sign "$(claims)"
		says config_error || wrong "by the line: $line"
	done
	mapped ''
	says config_error
}

@test 'H12: a name is never cut to fit' {
	local long size
	printf -v long 'a%.0s' {1..255}
	for size in 8 16 31 32 33 64 128 254; do
		refuses user_mismatch "${long:0:size}" sub="\"${long:0:size}b\""
		refuses user_mismatch "${long:0:size}b" sub="\"${long:0:size}\""
	done
	opens "$long" sub="\"$long\""
	refuses user_not_allowed "${long}a" sub="\"${long}a\""
	refuses user_mismatch "$long" sub="\"${long}a\""
	refuses user_not_allowed "${long}a" sub="\"$long\""
	# A NUL cannot end it, either.
	refuses claims_invalid deploy sub='"deploy\u0000root"'
}

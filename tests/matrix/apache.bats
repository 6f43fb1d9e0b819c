#!/usr/bin/env bats
# Apache with mod_authnz_pam, by HTTP's Basic scheme. Its workers are
# www-data, who must be able to read the key files.

load matrix
load servers

setup() {
	matrix_begin
	server_has /usr/sbin/apache2 \
	    /usr/lib/apache2/modules/mod_authnz_pam.so || {
		world_end
		skip 'no apache2 with authnz_pam here'
	}
	server_stack apache
}

teardown() {
	world_end
}

# start_apache [LINE]: with this line among the directives.
start_apache() {
	local log=$WORLD/apache.log module
	server_account www-data 155
	server_port
	{
		for module in mpm_prefork authn_core authz_core authz_user \
		    auth_basic authnz_pam; do
			echo "LoadModule ${module}_module" \
			    "/usr/lib/apache2/modules/mod_$module.so"
		done
		cat <<-END
			ServerName localhost
			ServerRoot /run
			DefaultRuntimeDir /run
			PidFile /run/apache.pid
			ErrorLog /run/apache.log
			Listen 127.0.0.1:$PORT
			User www-data
			Group www-data
			${1:-}
			DocumentRoot /run/www
			<Directory /run/www>
				AuthType Basic
				AuthName token
				AuthBasicProvider PAM
				AuthPAMService apache
				Require valid-user
			</Directory>
		END
	} | put /etc/apache.test
	in_world sh -c 'mkdir /run/www && echo "the page" >/run/www/page'
	server_start "$log" env LD_LIBRARY_PATH="$(server_libraries)" \
	    "$SERVERS/usr/sbin/apache2" -D FOREGROUND -f "$ETC/apache.test" \
	    -- server_listens
}

# One answer is given, in the header of the request; that counts as a prompt.
by_curl() {
	log_mark
	echo 'JWT: '
	printf 'user = "deploy:%s"\n' "$(cat "$token")" |
	    in_world timeout 60 curl -sS --fail-with-body -K - \
	    "http://127.0.0.1:$PORT/page"
}

@test "apache: a header of 8192 bytes, which is a token of 6118" {
	start_apache
	matrix_row apache 'HTTP Basic' by_curl <<-END
		300	login 1
		510	login 1
		511	login 1
		512	login 1
		1022	login 1
		1023	login 1
		1024	login 1
		1600	login 1
		4095	login 1
		4096	login 1
		6118	login 1
		6120	client Size of a request header field exceeds server limit
		9000	client Size of a request header field exceeds server limit
	END
}

@test "apache: with longer header lines allowed a token of 9000 logs in" {
	start_apache 'LimitRequestFieldSize 16380'
	matrix_row apache 'HTTP Basic, LimitRequestFieldSize 16380' \
	    by_curl <<-END
		300	login 1
		6120	login 1
		9000	login 1
	END
}

@test "apache: who logs in is whom the token names" {
	start_apache
	matrix_token 1600 "$token"
	run by_curl
	[[ $output == *'the page'* ]]
	matrix_logged_in 1
	matrix_token 1600 "$token" operator
	run by_curl
	[[ $output == *'error: 401'* && $output != *'the page'* ]]
	matrix_refused user_mismatch
	matrix_token 1600 "$token"
	tamper "$token" 3
	run by_curl
	[[ $output == *'error: 401'* && $output != *'the page'* ]]
	matrix_refused signature_invalid
}

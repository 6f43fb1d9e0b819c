#!/usr/bin/env bats
# nginx with its module auth_pam, by HTTP's Basic scheme. Its workers are
# www-data, who must be able to read the key files.

load matrix
load servers

setup() {
	matrix_begin
	server_has /usr/sbin/nginx \
	    /usr/lib/nginx/modules/ngx_http_auth_pam_module.so || {
		world_end
		skip 'no nginx with auth_pam here'
	}
	server_stack nginx
}

teardown() {
	world_end
}

# start_nginx [LINE]: with this line in the server's part.
start_nginx() {
	local log=$WORLD/nginx.log
	server_account www-data 155
	server_port
	put /etc/nginx.test <<-END
		load_module /usr/lib/nginx/modules/ngx_http_auth_pam_module.so;
		user www-data;
		daemon off;
		worker_processes 1;
		pid /run/nginx.pid;
		error_log /run/nginx.log;
		events {}
		http {
			access_log off;
			client_body_temp_path /run/nginx.body;
			proxy_temp_path /run/nginx.proxy;
			fastcgi_temp_path /run/nginx.fastcgi;
			uwsgi_temp_path /run/nginx.uwsgi;
			scgi_temp_path /run/nginx.scgi;
			server {
				listen 127.0.0.1:$PORT;
				${1:-}
				location / {
					auth_pam "token";
					auth_pam_service_name "nginx";
					root /run/www;
				}
			}
		}
	END
	in_world sh -c 'mkdir /run/www && echo "the page" >/run/www/page'
	server_start "$log" "$SERVERS/usr/sbin/nginx" -c "$ETC/nginx.test" \
	    -e /run/nginx.log -- server_listens
}

# One answer is given, in the header of the request; that counts as a prompt.
by_curl() {
	log_mark
	echo 'JWT: '
	printf 'user = "deploy:%s"\n' "$(cat "$token")" |
	    in_world timeout 60 curl -sS --fail-with-body -K - \
	    "http://127.0.0.1:$PORT/page"
}

@test "nginx: a header of 8192 bytes, which is a token of 6118" {
	start_nginx
	matrix_row nginx 'HTTP Basic' by_curl <<-END
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
		6120	client 400 Request Header Or Cookie Too Large
		9000	client 400 Request Header Or Cookie Too Large
	END
}

@test "nginx: with larger buffers for headers a token of 9000 logs in" {
	start_nginx 'large_client_header_buffers 4 16k;'
	matrix_row nginx 'HTTP Basic, large_client_header_buffers 4 16k' \
	    by_curl <<-END
		300	login 1
		6120	login 1
		9000	login 1
	END
}

@test "nginx: who logs in is whom the token names" {
	start_nginx
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

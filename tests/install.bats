#!/usr/bin/env bats
# make install and make uninstall, into a folder.

setup() {
	cd "$BATS_TEST_DIRNAME/.."
	BUILD=${BUILD:-build}
	root=$BATS_TEST_TMPDIR/root
	conf=$root/etc/security/pam_jwt.conf
}

# What is built stays as it is: -o takes it for up to date.
make_to_root() {
	make -s -o all BUILD="$BUILD" DESTDIR="$root" "$@"
}

files() {
	(cd "$root" && find . ! -type d | sort)
}

@test "install brings the module, the commands, the manuals and an example" {
	make_to_root install PREFIX=/usr PAMDIR=/lib/security
	[ "$(stat -c %a "$root/lib/security/pam_jwt.so")" = 644 ]
	[ "$(stat -c '%n %a' "$root"/usr/bin/*)" = "$(printf '%s 755\n' \
	    "$root"/usr/bin/{jwt-askpass,jwt-issue,jwtctl})" ]
	[ -e "$root/usr/share/man/man8/pam_jwt.8" ]
	[ -e "$root/usr/share/doc/pam_jwt/pam.d-example" ]
	[ "$(stat -c %a "$conf")" = 644 ]
}

@test "the module goes where this system has its own" {
	make_to_root install
	pam_unix=$(cd "$root" && find . -name pam_jwt.so)
	[ -e "/${pam_unix%/*}/pam_unix.so" ]
}

@test "the example that is installed is a configuration without an issuer" {
	run grep -v '^;' dist/pam_jwt.conf
	[ -z "$output" ]
}

@test "installed twice, an edited configuration stays as it is" {
	make_to_root install
	echo edited >"$conf"
	run make_to_root install
	[ "$status" -eq 0 ]
	[[ $output == *'left as it is'* ]]
	[ "$(cat "$conf")" = edited ]
}

@test "a configuration that is a link to nowhere stays one" {
	mkdir -p "${conf%/*}"
	ln -s elsewhere "$conf"
	make_to_root install
	[ "$(readlink "$conf")" = elsewhere ]
}

@test "uninstall takes away what install brought, but the configuration" {
	make_to_root install
	make_to_root uninstall
	[ "$(files)" = ./etc/security/pam_jwt.conf ]
}

@test "what README points to is installed beside it" {
	make_to_root install
	for page in $(grep -o ']([^):]*)' README.md | tr -d ']()' | sed 's/#.*//'); do
		[ -e "$root/usr/local/share/doc/pam_jwt/$page" ]
	done
}

@test "uninstall takes nothing away while a stack would miss the module" {
	make_to_root install PAMDIR=/lib/security
	mkdir "$root/etc/pam.d"
	echo 'auth required pam_jwt.so' >"$root/etc/pam.d/sudo"
	echo '# auth required pam_jwt.so' >"$root/etc/pam.d/su"
	before=$(files)

	run make_to_root uninstall PAMDIR=/lib/security
	[ "$status" -ne 0 ]
	[[ $output == *"$root/etc/pam.d/sudo"* ]]
	[[ $output != *"$root/etc/pam.d/su"[!d]* ]]
	[ "$(files)" = "$before" ]

	run make_to_root uninstall PAMDIR=/lib/security ANYWAY=yes
	[ "$status" -eq 0 ]
	[[ $output == *"$root/etc/pam.d/sudo"* ]]
	[ ! -e "$root/lib/security/pam_jwt.so" ]

	make_to_root install PAMDIR=/lib/security
	rm "$root/etc/pam.d/sudo"
	make_to_root uninstall PAMDIR=/lib/security
	[ ! -e "$root/lib/security/pam_jwt.so" ]
}

@test "uninstall leaves the keys, and says so" {
	make_to_root install
	echo key >"$root/etc/security/pam_jwt.d/issuer.jwk"
	run make_to_root uninstall
	[ "$status" -eq 0 ]
	[[ $output == *"$root/etc/security/pam_jwt.d is yours"* ]]
	[ -e "$root/etc/security/pam_jwt.d/issuer.jwk" ]
}

@test "I7: the module exports its six entry points and nothing else" {
	run nm -D --defined-only --format=posix "$BUILD/pam_jwt.so"
	[ "$(cut -d ' ' -f 1 <<<"$output" | sort)" = "$(printf 'pam_sm_%s\n' \
	    acct_mgmt authenticate chauthtok close_session open_session setcred)" ]
}

@test "the module needs what README names, and looks nowhere else for it" {
	run readelf -Wd "$BUILD/pam_jwt.so"
	[ "$(sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' <<<"$output" | sort |
	    xargs)" = 'libc libcrypto libjson-c libpam' ]
	[[ $output != *RPATH* && $output != *RUNPATH* ]]
}

@test "the module and the commands are hardened" {
	for file in pam_jwt.so jwtctl jwt-askpass jwt-issue; do
		run readelf -Wld "$BUILD/$file"
		[[ $output == *GNU_RELRO* ]]
		[[ $output == *NOW* ]]
		[[ $output =~ GNU_STACK[^$'\n']*RW\  ]]
		[[ $output != *TEXTREL* ]]
		run nm -D --undefined-only "$BUILD/$file"
		[[ $output == *__stack_chk_fail* ]]
		[[ $output == *_chk@* ]]
	done
	run readelf -h "$BUILD/jwtctl"
	[[ $output == *'DYN '* ]]
}

#!/usr/bin/env bats
# make install and make uninstall, into a folder.

bats_require_minimum_version 1.5.0

setup() {
	umask 022
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
	[ "$(stat -c '%n %a' "$root"/usr/sbin/*)" = "$(printf '%s 755\n' \
	    "$root"/usr/sbin/{jwt-issuerd,pam-jwtd})" ]
	[ -e "$root/usr/share/man/man8/pam_jwt.8" ]
	[ -e "$root/usr/share/doc/pam_jwt/pam.d-example" ]
	[ -e "$root/usr/share/doc/pam_jwt/pam_jwt.fail2ban" ]
	[ "$(stat -c %a "$conf")" = 644 ]
}

@test "the module goes where this system has its own" {
	make_to_root install
	pam_unix=$(cd "$root" && find . -name pam_jwt.so)
	[ -e "/${pam_unix%/*}/pam_unix.so" ]
}

@test "the examples that are installed are configurations without an issuer" {
	for example in dist/*.conf; do
		run grep -v '^;' "$example"
		[ -z "$output" ]
	done
}

@test "the issuer's example has no fault once its ; are taken away" {
	make_to_root install
	run "$BUILD/jwt-issuerd" --check \
	    --config "$root/etc/security/jwt-issuer.conf"
	[ "$status" -eq 78 ]
	[[ $output == *'has no [issuer] section'* ]]
	sed -n 's/^;\([^ ]\)/\1/p' "$root/etc/security/jwt-issuer.conf" \
	    >"$root/example"
	run "$BUILD/jwt-issuerd" --check --config "$root/example"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(grep -c '^\[' "$root/example")" -eq 3 ]
}

@test "installed twice, an edited configuration stays as it is" {
	make_to_root install
	for file in "$root"/etc/security/{pam_jwt,jwt-issuer}.conf; do
		echo edited >"$file"
	done
	run make_to_root install
	[ "$status" -eq 0 ]
	for file in "$root"/etc/security/{pam_jwt,jwt-issuer}.conf; do
		[[ $output == *"$file is there already: left as it is"* ]]
		[ "$(cat "$file")" = edited ]
	done
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
	[ "$(files)" = "$(printf '%s\n' \
	    ./etc/security/{jwt-issuer,pam_jwt}.conf)" ]
}

@test "each folder can be another, and uninstall looks in the same" {
	local folders=(PREFIX=/a BINDIR=/b SBINDIR=/c UNITDIR=/d SYSUSERSDIR=/e
	    TMPFILESDIR=/f MANDIR=/g DOCDIR=/h PAMDIR=/i SYSCONFDIR=/j)
	make_to_root install "${folders[@]}"
	[ "$(cd "$root" && echo *)" = 'b c d e f g h i j' ]
	grep -qx 'ExecStart=/c/jwt-issuerd' "$root/d/jwt-issuer.service"
	make_to_root uninstall "${folders[@]}"
	[ "$(files)" = "$(printf '%s\n' ./j/security/{jwt-issuer,pam_jwt}.conf)" ]
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

@test "uninstall leaves the issuer's keys and its PAM stack, and says so" {
	make_to_root install
	mkdir -p "$root/var/lib/jwt-issuer/keys" "$root/etc/pam.d"
	echo key >"$root/var/lib/jwt-issuer/keys/key"
	cp dist/jwt-issuer.pam "$root/etc/pam.d/jwt-issuer"
	run make_to_root uninstall
	[ "$status" -eq 0 ]
	[[ $output == *"$root/var/lib/jwt-issuer is yours"* ]]
	[[ $output == *"$root/etc/pam.d/jwt-issuer is yours"* ]]
	[ -e "$root/var/lib/jwt-issuer/keys/key" ]
	[ -e "$root/etc/pam.d/jwt-issuer" ]
}

@test "uninstall says which unit is still enabled" {
	wants=$root/etc/systemd/system/sockets.target.wants
	make_to_root install
	run make_to_root uninstall
	[[ $output != *'still enabled'* ]]
	make_to_root install
	mkdir -p "$wants"
	ln -s /usr/local/lib/systemd/system/jwt-issuer.socket "$wants"
	run make_to_root uninstall
	[ "$status" -eq 0 ]
	[[ $output == *'systemctl disable --now jwt-issuer.socket'* ]]
}

# --- systemd ----------------------------------------------------------------

# Without DESTDIR, so that the units name programs that are there.
in_place() {
	make -s -o all BUILD="$BUILD" PREFIX="$root/usr" SYSCONFDIR="$root/etc" \
	    PAMDIR="$root/lib/security" install
	units=$root/usr/lib/systemd/system
}

# Of a template, an instance is looked at.
verify() {
	local -a names
	mapfile -t names < <(cd "$units" && printf '%s\n' * | sed 's/@/@1/')
	SYSTEMD_UNIT_PATH=$units: systemd-analyze --man=no verify "${names[@]}"
}

@test "systemd finds no fault in the units" {
	command -v systemd-analyze || skip 'no systemd-analyze'
	in_place
	run verify
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	# It would find one.
	sed -i 's/^TasksMax/TaskMax/' "$units/jwt-issuer.service"
	run verify
	[[ $output == *"Unknown key 'TaskMax'"* ]]
	rm "$root/usr/sbin/jwt-issuerd"
	run verify
	[ "$status" -ne 0 ]
	[[ $output == *'jwt-issuerd is not executable'* ]]
}

@test "the manuals that the units name are installed" {
	in_place
	run grep -oh 'man:[^ ]*' "$units"/*
	[ "$status" -eq 0 ]
	for page in $output; do
		[[ $page =~ ^man:(.*)\((.)\)$ ]]
		[ -e "$root/usr/share/man/man${BASH_REMATCH[2]}/${BASH_REMATCH[1]}.${BASH_REMATCH[2]}" ]
	done
}

@test "no unit names a folder of /usr/local that is not there" {
	make_to_root install PREFIX=/usr
	run ! grep -rI /usr/local "$root/usr/lib"
}

# What is made is made in a folder, by root's own means.
@test "the account and its key folder are made as the service wants them" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	command -v systemd-sysusers || skip 'no systemd-sysusers'
	command -v systemd-tmpfiles || skip 'no systemd-tmpfiles'
	make_to_root install PREFIX=/usr
	systemd-sysusers --root="$root" jwt-issuer.conf
	IFS=: read -r name _ uid gid _ home shell <"$root/etc/passwd"
	[ "$name $home $shell" = \
	    'jwt-issuer /var/lib/jwt-issuer /usr/sbin/nologin' ]
	[ "$uid" -gt 0 ] && [ "$uid" -lt 1000 ]
	systemd-tmpfiles --root="$root" --create jwt-issuer.conf
	[ "$(stat -c '%u %a' "$root/var/lib/jwt-issuer")" = '0 755' ]
	[ "$(stat -c '%u %g %a' "$root/var/lib/jwt-issuer/keys")" = \
	    "$uid $gid 700" ]
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
	for file in pam_jwt.so jwtctl jwt-askpass jwt-issue jwt-issuerd pam-jwtd; do
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

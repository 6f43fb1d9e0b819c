#!/bin/sh
# deps.sh [hint] SET...: brings what a build, the tests or lint need.
#
# Sets: build, test, matrix, long, fuzz, lint. Silent and quick where nothing is
# missing, and else it says what is. As root, or where `sudo -n` works, missing
# packages are installed with apt-get; elsewhere the one line to run is printed
# and the exit status is 1. "hint" before the sets installs nothing, prints
# that line and succeeds.
#
# Nothing that is installed starts a service or adds an account (ssh's client
# adds a group of its own, _ssh, if it was not there yet). Programs
# whose packages would (sshd; sudo, with its init script and set-user-id
# binary) are only unpacked, into $BUILD/root, and run from there. That needs
# no root. DEPS_INSTALL_SERVERS=yes installs them where unpacking fails.
# What npm has and Debian has not (matrix/web/package.json) npm brings into
# $BUILD/node; where it cannot, the tests that need it are skipped.
set -eu

build=${BUILD:-build}
packages=
unpacked=
web=
hint=no
[ "${1:-}" != hint ] || { hint=yes; shift; }

need() { # need PACKAGE TEST...: PACKAGE is missing unless TEST succeeds
	package=$1
	shift
	"$@" >/dev/null 2>&1 || packages="$packages $package"
}

server() { # server PROGRAM PACKAGE...: unpacked unless the host has PROGRAM
	program=$1
	shift
	[ -e "$program" ] || [ -e "$build/root$program" ] ||
	    unpacked="$unpacked $*"
}

have() { command -v "$1"; }

# A compiler may be missing too, so headers are looked for by name.
header() {
	for dir in /usr/include /usr/local/include /usr/include/*-linux-*; do
		[ ! -e "$dir/$1" ] || return 0
	done
	return 1
}

library() { # as the loader or the linker would find it by its plain name
	for dir in /usr/lib /usr/lib64 /usr/local/lib /usr/lib/*-linux-*; do
		[ ! -e "$dir/$1" ] || return 0
	done
	return 1
}

# The sanitizers and the fuzzer of clang, of which Debian makes a package by
# its version; before clang is there, the one that depends on the newest.
runtime() {
	for file in "$(clang -print-resource-dir)"/lib/*/"$1"*.a; do
		[ ! -e "$file" ] || return 0
	done
	return 1
}

runtime_package() {
	version=$(clang -dumpversion 2>/dev/null) || version=
	echo "libclang-rt-${version:+${version%%.*}-}dev"
}

for set in "$@"; do
	case $set in
	build)
		# CC may be two words, such as "ccache gcc".
		compiler=${CC:-gcc}
		need gcc have "${compiler%% *}"
		need libc6-dev header stdio.h
		need make have make
		need pkg-config have "${PKG_CONFIG:-pkg-config}"
		need libpam0g-dev header security/pam_modules.h
		need libssl-dev header openssl/evp.h
		need libjson-c-dev header json-c/json.h
		need libseccomp-dev header seccomp.h
		need libcap-ng-dev header cap-ng.h
		need libcurl4-openssl-dev header curl/curl.h
		;;
	test)
		need libcmocka-dev header cmocka.h
		need libpamtest0-dev header libpamtest.h
		need libpam-wrapper library libpam_wrapper.so
		need libnss-wrapper library libnss_wrapper.so
		need pamtester have pamtester
		need bats have bats
		need openssh-client have ssh
		need util-linux have setpriv
		need bsdutils have script
		need strace have strace
		need jq have jq
		need python3 have python3
		need openssl have openssl
		need procps have pgrep
		need iproute2 have ip
		need libjansson4 library libjansson.so.4
		# sshd's own libraries beyond those of ssh: libwrap alone.
		server /usr/sbin/sshd openssh-server libwrap0
		server /usr/bin/sudo sudo
		server /usr/sbin/cron cron
		;;
	matrix)
		# Further applications that log in; beside those of "test".
		need login have login
		server /usr/bin/doas opendoas
		need libglib2.0-0 library libgio-2.0.so.0
		server /usr/lib/polkit-1/polkit-agent-helper-1 polkitd \
		    libpolkit-gobject-1-0 libpolkit-agent-1-0
		need curl have curl
		need libpq5 library libpq.so.5
		# It brings libicu too.
		need libxml2 library libxml2.so.2
		server /usr/lib/postgresql/15/bin/postgres postgresql-15 \
		    postgresql-client-15
		need libsodium23 library libsodium.so.23
		server /usr/lib/dovecot/imap-login dovecot-imapd dovecot-core \
		    libexttextcat-2.0-0 liblua5.4-0 libwrap0
		server /usr/lib/nginx/modules/ngx_http_auth_pam_module.so \
		    libnginx-mod-http-auth-pam nginx
		server /usr/lib/apache2/modules/mod_authnz_pam.so \
		    libapache2-mod-authnz-pam apache2-bin libapr1 \
		    libaprutil1 liblua5.3-0
		server /usr/bin/plink putty-tools
		server /usr/bin/dbclient dropbear-bin libtomcrypt1 libtommath1
		server /usr/bin/sshpass sshpass
		server /usr/bin/fail2ban-regex fail2ban
		# A provider of identity; installed, it would add an account.
		server /usr/bin/glewlwyd glewlwyd libulfius2.7 libmicrohttpd12 \
		    libhoel1.4 libmariadb3 libpq5 libiddawc1.1 librhonabwy1.1 \
		    liborcania2.3 libyder2.0 libcbor0.8 libconfig9 liboath0
		# A TPM in software, and what OpenSSL needs to use it.
		server /usr/bin/swtpm swtpm swtpm-libs libtpms0
		server /usr/bin/tpm2_createprimary tpm2-tools tpm2-openssl \
		    libtss2-mu0 libtss2-sys1 libtss2-esys-3.0.2-0 libtss2-rc0 \
		    libtss2-tctildr0 libtss2-fapi1 libtss2-tcti-swtpm0
		need python3-paramiko /usr/bin/python3 -c 'import paramiko'
		need libssh-4 library libssh.so.4
		need nodejs have node
		need npm have npm
		need python3-jwt /usr/bin/python3 -c 'import jwt'
		need python3-cryptography /usr/bin/python3 -c 'import cryptography'
		need golang-go have go
		need golang-github-golang-jwt-jwt-dev \
		    [ -d /usr/share/gocode/src/github.com/golang-jwt ]
		web=${0%/*}/matrix/web/package.json
		;;
	long)
		need valgrind have valgrind
		;;
	fuzz)
		need clang have clang
		need "$(runtime_package)" runtime libclang_rt.fuzzer
		need librhonabwy-dev header rhonabwy.h
		;;
	lint)
		need clang have clang
		need clang-format have clang-format
		need clang-tidy have clang-tidy
		need cppcheck have cppcheck
		need shellcheck have shellcheck
		;;
	*)
		echo "usage: deps.sh [hint] build|test|matrix|long|fuzz|lint ..." >&2
		exit 2
		;;
	esac
done

# Made beside its place, so that what is there is whole; no program of a
# package runs while it is installed.
bring_web() {
	[ -n "$web" ] && [ "$hint" = no ] || return 0
	! cmp -s "$web" "$build/node/package.json" || return 0
	echo "Bringing what $web names into $build/node, by npm."
	rm -rf "$build/node" "$build/node.new"
	mkdir -p "$build/node.new" &&
	    cp "$web" "$build/node.new/" &&
	    npm install --prefix "$build/node.new" --no-package-lock \
		--ignore-scripts --no-audit --no-fund --no-update-notifier \
		--fetch-retries=1 --fetch-retry-mintimeout=2000 \
		--loglevel=error </dev/null >/dev/null &&
	    mv "$build/node.new" "$build/node" && return
	rm -rf "$build/node.new"
	echo 'That failed, so the tests that need it are skipped.'
}

[ -n "$packages$unpacked" ] || { bring_web; exit 0; }

# The one line to run, for a human with the rights of this one.
line() { # line COMMAND
	echo
	if [ "$(id -u)" -eq 0 ]; then
		echo "    $1"
	elif command -v sudo >/dev/null; then
		echo "    sudo sh -c '$1'"
	else
		echo "    su -c '$1'"
	fi
	echo
}

install_line() {
	line "apt-get update && apt-get install -y --no-install-recommends$packages"
}

if [ "$hint" = yes ]; then
	echo "It seems that this machine lacks, by their Debian names:$packages"
	if command -v apt-get >/dev/null; then
		echo "Should the build fail, run this once and try again:"
		install_line
	fi
	exit 0
fi >&2

if ! command -v apt-get >/dev/null; then
	echo "Missing on this machine, by their Debian names:$packages$unpacked"
	echo "Install them by this system's own means; DEPS=no skips this check."
	exit 1
fi

# Which way to become root, if any: nothing, sudo, or "no".
if [ "$(id -u)" -eq 0 ]; then
	root=
elif sudo -n true 2>/dev/null; then
	root=sudo
else
	root=no
fi

# apt-get, as root, asking nothing and starting nothing.
apt() {
	$root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -q -o \
	    Dpkg::Use-Pty=0 -o APT::Sandbox::User=root "$@" </dev/null
}

# True when every named package can be downloaded, as far as the lists know.
listed() {
	for package in "$@"; do
		apt-cache policy "$package" 2>/dev/null |
		    grep -q '^  Candidate: [^(]' || return 1
	done
}

# shellcheck disable=SC2086 # lists of words, here and below
if [ -n "$packages" ] && [ "$root" != no ]; then
	echo "Missing on this machine:$packages"
	echo "Installing them with apt-get${root:+ through sudo} (they start no" \
	    "service and add no account)."
	apt update >/dev/null || echo "apt-get update failed; trying anyway."
	apt install -y --no-install-recommends $packages
elif [ -n "$packages" ] || { [ "$root" = no ] && ! listed $unpacked; }; then
	# Either packages are missing or the lists are, which an ordinary user
	# needs to download the servers into the build folder.
	if [ -n "$packages" ]; then
		echo "Missing on this machine:$packages"
	else
		echo "The package lists are missing, so$unpacked cannot be fetched."
	fi
	echo "Only root may bring them. Run this once, then try again:"
	if [ -n "$packages" ]; then
		install_line
	else
		line 'apt-get update'
	fi
	exit 1
fi

[ -n "$unpacked" ] || { bring_web; exit 0; }

# Unpacked beside its place first, so that an interruption leaves no half of
# it where the next run would believe it whole.
unpack() {
	mkdir -p "$build"
	# Root downloads into a folder that apt's own account may not enter.
	sandbox=
	[ "$(id -u)" -ne 0 ] || sandbox='-o APT::Sandbox::User=root'
	work=$(mktemp -d "$build/unpack.XXXXXX") || return 1
	# shellcheck disable=SC2086
	(
		cd "$work" &&
		    apt-get -q $sandbox download $unpacked </dev/null &&
		    mkdir root &&
		    for deb in ./*.deb; do
			    dpkg-deb -x "$deb" root || exit 1
		    done
	) || return 1
	mkdir -p "$build/root"
	cp -a "$work/root/." "$build/root/"
}

work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "Unpacking into $build/root, not installing:$unpacked"
# shellcheck disable=SC2086
if [ "$root" != no ] && ! listed $unpacked; then
	apt update >/dev/null || echo "apt-get update failed; trying anyway."
fi
if ! unpack; then
	# shellcheck disable=SC2086
	if [ "${DEPS_INSTALL_SERVERS:-no}" = yes ] && [ "$root" != no ]; then
		echo "That failed, so they are installed."
		apt install -y --no-install-recommends $unpacked
	else
		echo "That failed. With these packages installed, or with" \
		    "DEPS=no and without the tests that need them, it goes on."
		exit 1
	fi
fi

bring_web

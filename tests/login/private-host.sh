#!/bin/bash
# private-host.sh WORLD PAMDIR SUDO PROGRAM...: run by world_root (world.bash)
# as the first process of a new mount and process namespace. Makes of it a
# host of its own for logins, then becomes the logger that everything in it
# logs to. When that process is killed, every other one in here ends with it,
# and with the last of them all the mounts below.
#
# PAMDIR is libpam's folder, SUDO the folder of sudo's plug-ins where the host
# has none, else empty; the PROGRAMs are found by name in here.
set -eu
umask 022
world=$1
pamdir=$2
sudo=$3
shift 3

# This /proc is still the outer one, so it shows the number by which
# nsenter(1) finds us from outside.
read -r pid _ </proc/self/stat
echo "$pid" >"$world/holder"
mount -t proc proc /proc

# Later the root folder becomes read-only, and this one stays as it is.
mount --bind "$world" "$world"
[ -z "${COVERAGE:-}" ] || mount --bind "$COVERAGE" "$COVERAGE"

# What logins write: sudo's time stamps, utmp, wtmp, lastlog.
mount -t tmpfs -o mode=755 log /var/log
mount -t tmpfs -o mode=755 run /run
mkdir /run/sshd /run/lock /run/home /run/bin /run/etc /run/pam /run/libexec
touch /var/log/lastlog /var/log/wtmp /var/log/btmp /run/utmp
chmod 600 /var/log/btmp
cp "$@" /run/bin/
for program in sudo doas; do
	[ ! -e "/run/bin/$program" ] || chmod 4755 "/run/bin/$program"
done

# Accounts, PAM files, our configuration: a copy, changed at will. What it
# has of the host's own folders is a link to them here, which nobody can
# write to. Likewise the PAM modules.
mount --bind /etc /run/etc
mount -o remount,bind,ro /run/etc
mount --bind "$world/etc" /etc
mount --bind "$pamdir" /run/pam
mount -t tmpfs -o mode=755 pam "$pamdir"
ln -s /run/pam/* "$pamdir/"
rm -f "$pamdir/pam_jwt.so"
[ ! -e /run/bin/pam_jwt.so ] || mv /run/bin/pam_jwt.so "$pamdir/"

# The repository may lie where /home is, so homes are here.
while IFS=: read -r _ _ uid gid _ home _; do
	case $home in
	/run/home/*)
		mkdir "$home"
		chown "$uid:$gid" "$home"
		;;
	esac
done </etc/passwd

# sudo looks for its plug-in in this folder and nowhere else. Where the host
# has none, the unpacked one appears among the links to what is there.
if [ -n "$sudo" ]; then
	mount --rbind /usr/libexec /run/libexec
	mount -t tmpfs -o mode=755 libexec /usr/libexec
	ln -s /run/libexec/* /usr/libexec/
	cp -r "$sudo" /usr/libexec/sudo
fi

# A /dev with what a login needs and a log socket of our own.
mount -t tmpfs -o mode=755 dev "$world/dev"
for name in null zero full random urandom tty; do
	: >"$world/dev/$name"
	mount --bind "/dev/$name" "$world/dev/$name"
done
mkdir "$world/dev/pts" "$world/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts \
    "$world/dev/pts"
mount -t tmpfs -o mode=1777 shm "$world/dev/shm"
ln -s pts/ptmx "$world/dev/ptmx"
ln -s /proc/self/fd "$world/dev/fd"
ln -s fd/0 "$world/dev/stdin"
ln -s fd/1 "$world/dev/stdout"
ln -s fd/2 "$world/dev/stderr"
mount --rbind "$world/dev" /dev

# No test relies on it, but whatever a login does in here, the host's own
# files are out of its reach.
mount -o remount,bind,ro /

exec /run/bin/logcatch /dev/log "$world/log"

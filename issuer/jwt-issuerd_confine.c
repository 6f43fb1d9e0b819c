/*
 * What the front and the signer are kept from.
 *
 * The front is uid 0, because pam_unix reads /etc/shadow as its owner, and
 * uid 0 owns far more than that: devices, /proc/sys, every unit file, the
 * sockets of services that obey it.  So it gets a view of the host without
 * all these (view), and then loses the capabilities that make uid 0 root.
 */
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"

static bool
failed(const char *what, struct jwt_fault *fault)
{
	jwt_fault_set(fault, "%s: %s", what, strerrordesc_np(errno));
	return false;
}

/*
 * Capabilities and system calls.
 */

static bool
drop_capabilities(
    const struct jwt_strings *needed, bool audit, struct jwt_fault *fault)
{
	size_t i;
	int cap;

	capng_clear(CAPNG_SELECT_ALL);
	/* libpam takes a login for failed that it cannot tell the kernel of. */
	if (audit)
		capng_update(CAPNG_ADD,
		    CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
		    CAP_AUDIT_WRITE);
	for (i = 0; needed != NULL && i < needed->count; i++) {
		cap = capng_name_to_capability(needed->at[i]);
		if (cap < 0) {
			jwt_fault_set(fault, "%s: no capability that is known",
			    needed->at[i]);
			return false;
		}
		capng_update(CAPNG_ADD,
		    CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
		    (unsigned int)cap);
	}
	errno = EPERM;
	/* No capability comes back with a program that uid 0 runs. */
	if (capng_lock() != 0 || capng_apply(CAPNG_SELECT_ALL) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return failed("capabilities", fault);
	return true;
}

/* What no login and no signing needs, and what has let others out before. */
static const int forbidden[] = {SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp), SCMP_SYS(mount), SCMP_SYS(umount2),
    SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(fsopen),
    SCMP_SYS(fsmount), SCMP_SYS(fsconfig), SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
    SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup),
    SCMP_SYS(open_by_handle_at), SCMP_SYS(init_module), SCMP_SYS(finit_module),
    SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load),
    SCMP_SYS(reboot), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(quotactl),
    SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(adjtimex),
    SCMP_SYS(clock_adjtime), SCMP_SYS(sethostname), SCMP_SYS(setdomainname),
    /* Root's keyrings are those of the host: of uid 0, and of no namespace. */
    SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl)};

#define FORBIDDEN (sizeof(forbidden) / sizeof(forbidden[0]))

static bool
load(scmp_filter_ctx filter, int error, struct jwt_fault *fault)
{
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (error == 0)
		return true;
	errno = -error;
	return failed("seccomp", fault);
}

/* What PAM asks is here, on a network or the kernel's audit. */
static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

/*
 * Another kind of socket is a way to a hypervisor or into a driver.  A filter
 * cannot say "none of these", so it names the gaps between them.
 */
static int
forbid_families(scmp_filter_ctx filter)
{
	int error = 0, family, last = families[FAMILIES - 1];
	size_t known = 0;

	for (family = AF_UNIX; error == 0 && family < last; family++) {
		if (family == families[known]) {
			known++;
			continue;
		}
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT),
		    SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0));
	}
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT),
		    SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_GT, (scmp_datum_t)last, 0));
	return error;
}

static bool
forbid_calls(struct jwt_fault *fault)
{
	scmp_filter_ctx filter;
	int error = 0;
	size_t i;

	errno = ENOMEM;
	if ((filter = seccomp_init(SCMP_ACT_ALLOW)) == NULL)
		return failed("seccomp", fault);
	for (i = 0; error == 0 && i < FORBIDDEN; i++)
		error = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0);
	/* A user namespace would have every capability in it. */
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
		    SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
	/* Its flags lie in memory; libc then takes the older call. */
	if (error == 0)
		error = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	/* It ends with its supervisor, whatever it thinks of that. */
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
		    SCMP_SYS(prctl), 1,
		    SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG, 0));
	if (error == 0)
		error = forbid_families(filter);
	return load(filter, error, fault);
}

/* All that reading a key, signing and a line in the log take. */
static const int allowed[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(close),
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(fstat), SCMP_SYS(stat),
    SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(lseek),
    SCMP_SYS(_llseek), SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
    SCMP_SYS(getcwd), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
    SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
    SCMP_SYS(ftruncate), SCMP_SYS(fchmod), SCMP_SYS(flock), SCMP_SYS(fcntl),
    SCMP_SYS(fcntl64), SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect),
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday),
    SCMP_SYS(time), SCMP_SYS(uname), SCMP_SYS(getpid), SCMP_SYS(gettid),
    SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(connect), SCMP_SYS(send),
    SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(recv), SCMP_SYS(recvfrom),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
    SCMP_SYS(exit_group)};

#define ALLOWED (sizeof(allowed) / sizeof(allowed[0]))

/* Any other call is one that this kernel does not have. */
static bool
allow_calls(struct jwt_fault *fault)
{
	scmp_filter_ctx filter;
	int error = 0;
	size_t i;

	errno = ENOMEM;
	if ((filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS))) == NULL)
		return failed("seccomp", fault);
	for (i = 0; error == 0 && i < ALLOWED; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	/* The log's, and no network's. */
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
	return load(filter, error, fault);
}

/* No core file; no debugger, nor /proc, of whoever has the same uid. */
static bool
close_memory(struct jwt_fault *fault)
{
	struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0) == 0)
		return true;
	return failed("its memory", fault);
}

bool
issuerd_confine_front(
    const struct issuer_config *config, struct jwt_fault *fault)
{
	return issuerd_confine_view(config, fault) &&
	       drop_capabilities(&config->capabilities, true, fault) &&
	       forbid_calls(fault) && close_memory(fault);
}

bool
issuerd_confine_account(
    const struct issuer_config *config, struct jwt_fault *fault)
{
	const struct passwd *entry;

	errno = 0;
	if ((entry = getpwnam(config->account)) == NULL) {
		if (errno != 0)
			return failed(config->account, fault);
		jwt_fault_set(fault,
		    "the account %s, which signs, does not exist: make it "
		    "(systemd-sysusers, or useradd --system), or name another "
		    "(user)",
		    config->account);
		return false;
	}
	if (entry->pw_uid == 0) {
		jwt_fault_set(fault, "the account %s, which signs, is root",
		    config->account);
		return false;
	}
	/* A security module's device is mostly a group's (tss). */
	if ((config->provider != NULL
		    ? initgroups(entry->pw_name, entry->pw_gid)
		    : setgroups(0, NULL)) == -1 ||
	    setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) == -1 ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) == -1)
		return failed(config->account, fault);
	/* The end of its parent was forgotten with the uid. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || chdir("/") == -1)
		return failed(config->account, fault);
	umask(077);
	return close_memory(fault);
}

bool
issuerd_confine_signer(
    const struct issuer_config *config, struct jwt_fault *fault)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return failed("no new privileges", fault);
	/* What a provider calls, nobody here can know. */
	return config->provider != NULL ? forbid_calls(fault)
	                                : allow_calls(fault);
}

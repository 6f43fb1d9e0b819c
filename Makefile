# pam_jwt: GNU make, nothing else to configure.
#
#   make              the module, its library and the commands, under build/
#   make check        every test; installs what it lacks, and says so first
#   make check-matrix how long a token each application takes, tried for real
#   make check-long   the same, under valgrind, by the clock and by the fuzzers
#   make coverage     the lines that no test reaches, by gcov
#   make demo         a token logs in by ssh and sudo; the host stays untouched
#   make install      PREFIX=/usr/local, PAMDIR=the distribution's, DESTDIR
#   make fuzz         fuzzers, by clang: FUZZ_SECONDS=n each, FUZZ="json keys"
#   make lint         clang-format, clang-tidy, cppcheck, shellcheck
#   make uninstall    takes away what install put there; clean: what was built
#   make help         this text
#
# BUILD=/elsewhere leaves the source folder untouched; it may be read-only.
# WERROR=1 (CI=true does it too) makes every warning an error. DEPS=no
# installs nothing, whatever is missing. T="ssh json" runs only the tests
# whose file's name has one of those words. V=1 shows the compiler's commands.

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
UNITDIR    ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/pam_jwt
SYSCONFDIR ?= /etc
BUILD      ?= build
INSTALL    ?= install
PKG_CONFIG ?= pkg-config
CPPCHECK   ?= cppcheck
SHELLCHECK ?= shellcheck
CLANG      ?= clang
CLANG_TIDY ?= clang-tidy
CLANG_FORMAT ?= clang-format
VALGRIND   ?= valgrind

CFLAGS ?= -O2 -g
ifeq ($(origin CC),default)
CC = gcc
endif
ifeq ($(CI),true)
WERROR ?= 1
endif

# $(call once,NAME,COMMAND): asks COMMAND when the value is first needed and
# never again. Asked while this file is read, it would fail on a machine that
# has neither compiler nor pkg-config yet, where `make check` shall work.
once = $(eval $1 := $(shell $2))$($1)

# $(call say,CC): in front of a command, what it makes instead of the command,
# and with -s nothing.
say = $(if $(V),,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo \
	'  $1	$(@:$(BUILD)/%=%)' && ))

CRYPTO_CFLAGS = $(call once,CRYPTO_CFLAGS,$(PKG_CONFIG) --cflags libcrypto)
CRYPTO_LIBS   = $(call once,CRYPTO_LIBS,$(PKG_CONFIG) --libs libcrypto)
JSON_CFLAGS   = $(call once,JSON_CFLAGS,$(PKG_CONFIG) --cflags json-c)
JSON_LIBS     = $(call once,JSON_LIBS,$(PKG_CONFIG) --libs json-c)
TRIPLET       = $(call once,TRIPLET,$(CC) -dumpmachine)
MULTIARCH     = $(call once,MULTIARCH,$(CC) -print-multiarch)

# Where this system's libpam looks for its modules: where pam_unix.so lies,
# the folder of the compiler's own architecture before any other's.
PAMDIR ?= $(patsubst %/pam_unix.so,%,$(firstword $(wildcard \
	$(foreach dir,/usr/lib/$(MULTIARCH) /lib/$(MULTIARCH) /usr/lib64 /lib64 \
	/usr/lib /lib,$(dir)/security/pam_unix.so)) \
	/usr/lib/security/pam_unix.so))

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
	-Wpointer-arith -Wwrite-strings -Wvla -Wundef
ifdef WERROR
WARNINGS += -Werror
endif

# The sanitizers bring their own checks of what the hardening guards.
ifdef FUZZING
HARDEN   = -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
LDHARDEN = -fsanitize=address,undefined
DEFINED  =
else ifeq ($(SANITIZE),thread)
HARDEN   = -fsanitize=thread -fno-omit-frame-pointer
LDHARDEN = -fsanitize=thread
DEFINED  =
else ifdef SANITIZE
HARDEN   = -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
LDHARDEN = -fsanitize=address,undefined
# The module is loaded by programs that know no sanitizer, so its runtime
# stays undefined here and is preloaded by the tests.
DEFINED  =
else
HARDEN   = -fstack-protector-strong -fstack-clash-protection \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	$(if $(filter x86_64-%,$(TRIPLET)),-fcf-protection)
LDHARDEN = -Wl,-z,relro,-z,now,-z,noexecstack
DEFINED  = -Wl,-z,defs
endif

COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -I. $(CPPFLAGS) $(CRYPTO_CFLAGS) \
	$(JSON_CFLAGS) $(CFLAGS) $(WARNINGS) $(HARDEN) -MMD -MP
# The library ends up inside a login's process: nothing of it is exported.
LIBFLAGS  = -fPIC -fvisibility=hidden
PROGFLAGS = -fPIE
# The program that a session's token comes by, unless its PAM line has another.
ISSUEFLAGS = -DJWT_ISSUE='"$(BINDIR)/jwt-issue"'
# The one that `jwtctl fetch` runs, where none lies beside it.
NETDFLAGS = -DJWT_NETD='"$(SBINDIR)/pam-jwtd"'
# Called before the sanitizers' runtime is awake, by that runtime itself.
PRELOADFLAGS = -fPIC -fno-sanitize=all
LINK      = $(CC) $(CFLAGS) $(HARDEN) -pie $(LDHARDEN) $(LDFLAGS)
LIBS      = $(CRYPTO_LIBS) $(JSON_LIBS)
SECCOMP_LIBS = $(call once,SECCOMP_LIBS,$(PKG_CONFIG) --libs libseccomp)
CAPNG_LIBS   = $(call once,CAPNG_LIBS,$(PKG_CONFIG) --libs libcap-ng)
CURL_CFLAGS  = $(call once,CURL_CFLAGS,$(PKG_CONFIG) --cflags libcurl)
CURL_LIBS    = $(call once,CURL_LIBS,$(PKG_CONFIG) --libs libcurl)
ISSUERD_LIBS = -lpam $(SECCOMP_LIBS) $(CAPNG_LIBS) $(LIBS) \
	$(if $(SANITIZE),$(SANITIZED_CRYPT))
# The sanitizer calls the crypt that was there when the program began, and
# pam_unix brings its own later.
SANITIZED_CRYPT = -Wl,--no-as-needed -lcrypt
FLAGS     = $(COMPILE) $(LIBFLAGS) $(PROGFLAGS) $(PRELOADFLAGS) $(LINK) \
	$(ISSUEFLAGS) $(NETDFLAGS)

# --- what there is ----------------------------------------------------------

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $1))

LIB     = $(BUILD)/libjwt.a
MODULE  = $(BUILD)/pam_jwt.so
MODULEOBJ = $(call objects,pam_jwt*.c)
JWTCTL  = $(if $(wildcard tools/jwtctl*.c),$(BUILD)/jwtctl)
ASKPASS = $(if $(wildcard tools/jwt-askpass*.c),$(BUILD)/jwt-askpass)
ISSUE   = $(if $(wildcard issuer/jwt-issue.c),$(BUILD)/jwt-issue)
ISSUERD = $(if $(wildcard issuer/jwt-issuerd.c),$(BUILD)/jwt-issuerd)
NETD    = $(if $(wildcard netd/pam-jwtd.c),$(BUILD)/pam-jwtd)

# What issuer/ has beside its two programs is shared by them and by jwtctl.
ISSUELIB = $(BUILD)/libissue.a
ISSUESRC = $(filter-out issuer/jwt-%,$(wildcard issuer/*.c))

# tests/unit/test_NAME.c is a program each, the other files there are shared
# by all of them; tests/login/test_NAME.c likewise, run under pam_wrapper;
# what else lies in tests/login/*.c is a small program for the login tests,
# or, as preload-NAME.c, something to preload into one.
UNITS   = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
UNITLIB = $(call objects,$(filter-out $(wildcard tests/unit/test_*.c),\
	$(wildcard tests/unit/*.c)))
PRELOADS = $(patsubst %.c,$(BUILD)/%.so,$(wildcard tests/login/preload-*.c))
HELPERS = $(PRELOADS) $(patsubst %.c,$(BUILD)/%,$(filter-out \
	$(wildcard tests/login/preload-*.c),$(wildcard tests/login/*.c)))

# tests/fuzz/fuzz_NAME.c is a fuzzer, with what lies in tests/fuzz/NAME/*.c
# and, named here, FUZZSRC_NAME (more sources) and FUZZLIBS_NAME (link flags).
# One for which a file of FUZZNEED_NAME is missing is left out. Of the others
# in tests/fuzz each fuzzer links what it calls. Built by gcc with replay.c,
# it runs the committed inputs alone.
NOFUZZERS = $(foreach name,$(ALLFUZZERS),$(if $(filter-out $(wildcard \
	$(FUZZNEED_$(name))),$(FUZZNEED_$(name))),$(name)))
ALLFUZZERS = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZERS = $(filter-out $(NOFUZZERS),$(ALLFUZZERS))
FUZZLIB = $(BUILD)/libfuzz.a
REPLAYS = $(FUZZERS:%=$(BUILD)/tests/fuzz/replay_%)

# Files come from the input, so that the configuration's are no real ones.
FILES_OF_INPUT  = -Wl,--wrap=jwt_file_read
FUZZLIBS_config = $(FILES_OF_INPUT)
FUZZLIBS_map    = $(FILES_OF_INPUT)
FUZZLIBS_policy = $(FILES_OF_INPUT)
FUZZLIBS_token  = $(FILES_OF_INPUT)

# pam-jwtd without libcurl, and without its folder.
FUZZLIBS_fetched  = -Wl,--wrap=jwt_file_open
FUZZSRC_provider  = $(addprefix netd/,answer.c discovery.c publish.c record.c \
	wait.c)
FUZZLIBS_provider = $(FUZZLIBS_fetched) -Wl,--wrap=netd_replace \
	-Wl,--wrap=jwt_provider_digest

# The whole module, whose calls go to a machine that fails on demand.
FUZZSRC_authenticate  = pam_jwt.c
FUZZLIBS_authenticate = $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc \
	reallocarray strdup strndup vasprintf newlocale \
	$(addprefix json_object_,new_object new_array new_boolean new_int64 \
	new_double_s new_string_len array_add object_add_ex \
	to_json_string_ext) \
	OSSL_LIB_CTX_new OSSL_LIB_CTX_free \
	open openat close fstat stat read readlinkat geteuid getpwnam_r uname \
	time)
comma = ,

FUZZSRC_order = issuer/jwt-issuerd_order.c

FUZZSRC_askpass = tools/jwt-askpass_prompt.c tools/jwt-askpass_words.c

FUZZSRC_differential  = tests/fuzz/authenticate/base64.c
FUZZLIBS_differential = -lrhonabwy
FUZZNEED_differential = /usr/include/rhonabwy.h

all: $(LIB) $(if $(wildcard pam_jwt.c),$(MODULE)) $(JWTCTL) $(ASKPASS) $(ISSUE) \
	$(ISSUERD) $(NETD)

tests: $(UNITS) $(HELPERS) $(REPLAYS) $(BUILD)/tests/fuzz/sweep

$(LIB): $(call objects,jwt/*.c)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

$(ISSUELIB): $(ISSUESRC:%.c=$(BUILD)/%.o)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

$(MODULE): $(MODULEOBJ) $(LIB) pam_jwt.map
	$(call say,LD)$(CC) $(CFLAGS) $(HARDEN) -shared $(LDHARDEN) $(DEFINED) \
	    $(LDFLAGS) \
	    -Wl,--version-script=pam_jwt.map -o $@ $(MODULEOBJ) $(LIB) \
	    -lpam $(LIBS)

$(BUILD)/jwtctl: $(call objects,tools/jwtctl*.c) $(ISSUELIB) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/jwt-askpass: $(call objects,tools/jwt-askpass*.c tools/terminal.c \
	tools/private_file.c) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/jwt-issue: $(call objects,issuer/jwt-issue.c issuer/jwt-issue_*.c \
	tools/terminal.c tools/private_file.c) $(ISSUELIB) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/jwt-issuerd: $(call objects,issuer/jwt-issuerd*.c tools/listener.c) \
	$(ISSUELIB) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(ISSUERD_LIBS)

$(BUILD)/pam-jwtd: $(call objects,netd/*.c tools/listener.c) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(CURL_LIBS) $(LIBS)

$(UNITS): %: %.o $(UNITLIB) $(ISSUELIB) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ -lcmocka $(LIBS)

$(BUILD)/tests/login/test_%: $(BUILD)/tests/login/test_%.o $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ -lpamtest -lcmocka -lpam $(LIBS)

$(PRELOADS): %.so: %.o
	$(call say,LD)$(CC) $(CFLAGS) $(HARDEN) -shared $(LDHARDEN) $(LDFLAGS) \
	    -o $@ $<

# The service with a front that gives itself up.
$(BUILD)/tests/login/taken-issuerd: $(BUILD)/tests/login/taken-issuerd.o \
	$(call objects,issuer/jwt-issuerd*.c tools/listener.c) $(ISSUELIB) \
	$(LIB)
	$(call say,LD)$(LINK) -Wl,--wrap=issuer_request_parse -o $@ $^ \
	    $(ISSUERD_LIBS)

# What the service does with a key, without the service.
$(BUILD)/tests/login/sign_by_folder: $(BUILD)/tests/login/sign_by_folder.o \
	$(ISSUELIB) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/tests/login/%: $(BUILD)/tests/login/%.o
	$(call say,LD)$(LINK) -o $@ $<

$(FUZZLIB): $(call objects,$(filter-out tests/fuzz/fuzz_%.c \
	tests/fuzz/replay.c tests/fuzz/seeds.c tests/fuzz/sweep.c,\
	$(wildcard tests/fuzz/*.c)))
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

# $(call fuzzer,NAME): the objects of a fuzzer.
fuzzer = $(patsubst %.c,$(BUILD)/%.o,tests/fuzz/fuzz_$1.c \
	$(wildcard tests/fuzz/$1/*.c) $(FUZZSRC_$1))

.SECONDEXPANSION:
$(REPLAYS): $(BUILD)/tests/fuzz/replay_%: $$(call fuzzer,%) \
	$(BUILD)/tests/fuzz/replay.o $(FUZZLIB) $(ISSUELIB) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(FUZZLIBS_$*) $(LIBS)

# The login's fuzzer without chance: everything fails in turn.
$(BUILD)/tests/fuzz/sweep: $$(call fuzzer,authenticate) \
	$(BUILD)/tests/fuzz/sweep.o $(FUZZLIB) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(FUZZLIBS_authenticate) $(LIBS)

$(FUZZERS:%=$(BUILD)/tests/fuzz/fuzz_%): $(BUILD)/tests/fuzz/fuzz_%: \
	$$(call fuzzer,%) $(FUZZLIB) $(ISSUELIB) $(LIB)
	$(call say,LD)$(LINK) -fsanitize=fuzzer -o $@ $^ $(FUZZLIBS_$*) $(LIBS)

$(BUILD)/tests/fuzz/seeds: $(BUILD)/tests/fuzz/seeds.o $(FUZZLIB) $(LIB)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/jwt/%.o $(BUILD)/pam_jwt.o $(BUILD)/pam_jwt_fetch.o: OWNFLAGS = $(LIBFLAGS)
$(BUILD)/pam_jwt_issue.o: OWNFLAGS = $(LIBFLAGS) $(ISSUEFLAGS)
$(BUILD)/tests/login/preload-%.o: OWNFLAGS = $(PRELOADFLAGS)
$(BUILD)/tools/jwtctl_fetch.o: OWNFLAGS = $(PROGFLAGS) $(NETDFLAGS)
$(BUILD)/tools/%.o $(BUILD)/issuer/%.o $(BUILD)/netd/%.o $(BUILD)/tests/%.o: \
	OWNFLAGS = $(PROGFLAGS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) $(OWNFLAGS) -c -o $@ $<

# Rewritten only when the flags differ from those of the last build, so that
# `make WERROR=1` after `make` really compiles again.
$(BUILD)/flags: FORCE hint
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || \
	    printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@

# A plain build installs nothing. Where something seems to be missing it says
# what, before the compiler says it in its own words; then it tries all the
# same, for not every system has its headers where they are looked for.
hint:
ifneq ($(DEPS),no)
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' tests/deps.sh hint build
endif

-include $(patsubst %.o,%.d,$(call objects,jwt/*.c tools/*.c issuer/*.c \
	netd/*.c pam_jwt*.c tests/unit/*.c tests/login/*.c tests/fuzz/*.c \
	tests/fuzz/*/*.c))

# Objects of test programs are no leftovers: keep them for the next build.
.SECONDARY:

# --- tests ------------------------------------------------------------------

# Built by a make of its own, because deps may have to bring the compiler.
RUN = BUILD='$(BUILD)' PAMDIR='$(PAMDIR)' CC='$(CC)' tests/run

check: deps-test
	@$(MAKE) --no-print-directory all tests
	@$(MAKE) --no-print-directory BUILD='$(BUILD)/asan' SANITIZE=1 all tests
	@$(MAKE) --no-print-directory BUILD='$(BUILD)/tsan' SANITIZE=thread \
	    '$(BUILD)/tsan/pam_jwt.so' '$(BUILD)/tsan/tests/login/test_threads'
	@$(RUN) plain asan tsan -- $(T)

check-asan: deps-test
	@$(MAKE) --no-print-directory BUILD='$(BUILD)/asan' SANITIZE=1 all tests
	@$(RUN) asan -- $(T)

# How long a token may be in each application, which takes what others do not
# need: their programs. The table of it is tests/matrix/table.awk's.
check-matrix:
ifneq ($(DEPS),no)
	@BUILD='$(BUILD)' tests/deps.sh build test matrix
endif
	@$(MAKE) --no-print-directory all tests
	@$(RUN) matrix -- $(T)
	@$(if $(T),,BUILD='$(BUILD)' tests/matrix/table.sh check)

# FUZZ="json keys" instead of all; FUZZ_RUNS=n: so many runs instead of a
# time, the same ones each time.
FUZZ ?= $(FUZZERS)
FUZZ_SECONDS ?= 60
FUZZBUILD = $(BUILD)/fuzz

fuzz:
ifneq ($(DEPS),no)
	@BUILD='$(BUILD)' tests/deps.sh build fuzz
endif
	@$(MAKE) --no-print-directory BUILD='$(FUZZBUILD)' FUZZING=1 \
	    CC='$(CLANG)' CFLAGS='-O1 -g' fuzz-run

# By a make of its own, because deps may have brought what a fuzzer needs.
fuzz-run: fuzzers
	@$(foreach name,$(NOFUZZERS),echo \
	    'skipped: the fuzzer $(name) needs $(FUZZNEED_$(name))';) :
	@BUILD='$(BUILD)' FUZZ_SECONDS='$(FUZZ_SECONDS)' \
	    FUZZ_RUNS='$(FUZZ_RUNS)' tests/fuzz/run $(FUZZ)

fuzzers: $(FUZZERS:%=$(BUILD)/tests/fuzz/fuzz_%) $(BUILD)/tests/fuzz/seeds

# Not the programs that bring their own allocator, which memcheck would replace,
# nor those that would take minutes. Of the fuzzers' inputs those of the whole
# login, of keys and of tokens, where what libcrypto loses when its own memory
# fails is no matter.
MEMCHECKED = $(addprefix $(BUILD)/tests/unit/test_,judge_account judge_claims \
	judge_order judge_verdict verify_answers)
MEMREPLAYED = authenticate keys token
MEMCHECK = $(VALGRIND) --quiet --error-exitcode=9
LEAKCHECK = --leak-check=full \
	--show-leak-kinds=definite,indirect,possible \
	--errors-for-leak-kinds=definite,indirect,possible

check-valgrind: deps-test
ifneq ($(DEPS),no)
	@BUILD='$(BUILD)' tests/deps.sh long
endif
	@$(MAKE) --no-print-directory memcheck

memcheck: $(MEMCHECKED) $(MEMREPLAYED:%=$(BUILD)/tests/fuzz/replay_%)
	@check() { \
		echo "memcheck $$*"; \
		CMOCKA_MESSAGE_OUTPUT=TAP $(MEMCHECK) "$$@" \
		    >$(BUILD)/memcheck.log 2>&1 || \
		    { cat $(BUILD)/memcheck.log; exit 1; }; \
	}; \
	for program in $(MEMCHECKED); do \
		check $(LEAKCHECK) "$$program"; \
	done; \
	for name in $(MEMREPLAYED); do \
		check $(BUILD)/tests/fuzz/replay_$$name \
		    tests/fuzz/corpus/$$name; \
	done

# Two hundred logins for each account tell its time from noise; ten thousand
# requests for tokens are what a crowd would be.
check-long: check check-valgrind
	@TRIES=200 $(RUN) plain -- login/untold
	@REQUESTS=10000 $(RUN) plain -- login/issuerd_load login/issuerd_broken
	@$(MAKE) --no-print-directory fuzz

# Unoptimised, so that a line is one line. The hardening would only be counted.
coverage: deps-test
	@$(MAKE) --no-print-directory BUILD='$(BUILD)/coverage' \
	    CFLAGS='-O0 -g --coverage -fprofile-update=atomic' HARDEN= \
	    LDHARDEN= all tests
	@BUILD='$(BUILD)/coverage' PAMDIR='$(PAMDIR)' CC='$(CC)' \
	    tests/coverage.sh

demo: deps-test
	@echo 'Building under $(BUILD).'
	@$(MAKE) --no-print-directory -s all $(HELPERS)
	@BUILD='$(BUILD)' PAMDIR='$(PAMDIR)' tests/demo.sh

deps: deps-test
	@BUILD='$(BUILD)' tests/deps.sh lint

deps-test:
ifneq ($(DEPS),no)
	@BUILD='$(BUILD)' tests/deps.sh build test
endif

# --- lint -------------------------------------------------------------------

SOURCES = $(wildcard *.c jwt/*.c tools/*.c issuer/*.c netd/*.c)
TESTSRC = $(filter-out $(foreach name,$(NOFUZZERS),\
	tests/fuzz/fuzz_$(name).c tests/fuzz/$(name)/%),$(wildcard \
	tests/unit/*.c tests/login/*.c tests/fuzz/*.c tests/fuzz/*/*.c))
HEADERS = $(wildcard *.h jwt/*.h tools/*.h issuer/*.h netd/*.h tests/*.h tests/unit/*.h \
	tests/login/*.h tests/fuzz/*.h tests/fuzz/*/*.h)
SHELLS  = $(wildcard tests/*.sh tests/run tests/fuzz/run tests/login/*.sh tests/*.bash \
	tests/login/*.bash tests/matrix/*.bash tests/matrix/*.sh \
	tests/login/askpass .ci/run dist/*.sh)
BATS    = $(wildcard tests/*.bats tests/login/*.bats tests/matrix/*.bats)
# In a bats file variables come from the library and go to it, what is quoted
# is meant for another shell, and whatever fails ends the test.
BATSQUIRKS = SC2016,SC2034,SC2153,SC2154,SC2164,SC2317
TIDY    = $(patsubst %.c,$(BUILD)/lint/%.tidy,$(SOURCES) $(TESTSRC))
LINTFLAGS = -std=c11 -D_GNU_SOURCE -I. $(CRYPTO_CFLAGS) $(JSON_CFLAGS) $(ISSUEFLAGS) $(NETDFLAGS)

lint:
ifneq ($(DEPS),no)
	@BUILD='$(BUILD)' tests/deps.sh build test lint
endif
	@$(MAKE) --no-print-directory lint-format lint-shell lint-tidy \
	    lint-cppcheck
	@echo 'lint: no complaints'

lint-format:
	$(call say,FORMAT)$(CLANG_FORMAT) --dry-run -Werror $(SOURCES) $(TESTSRC) $(HEADERS)

lint-shell:
	$(call say,SHELL)$(SHELLCHECK) -x $(SHELLS)
	$(call say,BATS)$(SHELLCHECK) --shell=bats --exclude=$(BATSQUIRKS) \
	    $(BATS)

lint-tidy: $(TIDY)

# Clang warns of other things than gcc, so each file is compiled by it too.
$(BUILD)/lint/%.tidy: %.c .clang-tidy FORCE
	@mkdir -p $(@D)
	$(if $(V),,@)$(CLANG) $(LINTFLAGS) $(WARNINGS) -Werror -fsyntax-only $<
	$(call say,TIDY)$(CLANG_TIDY) --quiet --warnings-as-errors='*' $< -- \
	    $(LINTFLAGS)

lint-cppcheck:
	@mkdir -p $(BUILD)/lint/cppcheck
	$(call say,CPPCHECK)$(CPPCHECK) --quiet --std=c11 --error-exitcode=1 \
	    --enable=warning,performance,portability --inline-suppr \
	    --library=posix --suppress=missingIncludeSystem \
	    --suppress=readdirCalled --suppress=getpwnamCalled --suppress=getgrnamCalled \
	    --cppcheck-build-dir=$(BUILD)/lint/cppcheck -D_GNU_SOURCE -I. \
	    $(SOURCES) $(TESTSRC)

# --- install ----------------------------------------------------------------

D = $(DESTDIR)
MANPAGES = $(wildcard man/*.[1578])
DOCS     = $(wildcard pam.d-example README.md SECURITY.md LICENSE \
	dist/*.pam dist/*.fail2ban)
CONFS    = $(notdir $(wildcard dist/*.conf))
UNITFILES = $(wildcard dist/*.service dist/*.socket dist/*.timer)
SYSUSERS = $(wildcard dist/*.sysusers)
TMPFILES = $(wildcard dist/*.tmpfiles)

# A folder that is there keeps its mode, which install -d would reset.
FOLDER = folder() { [ -d "$$1" ] || $(INSTALL) -d "$$1"; }

# Units name the commands where a plain `make install` puts them.
PLACED = sed -e 's|/usr/local/sbin/|$(SBINDIR)/|g' \
	-e 's|/usr/local/bin/|$(BINDIR)/|g'

install: all
	@$(FOLDER); for folder in $(PAMDIR) $(BINDIR) $(SBINDIR) $(DOCDIR) \
	    $(UNITDIR) $(SYSUSERSDIR) $(TMPFILESDIR) \
	    $(SYSCONFDIR)/security/pam_jwt.d; do \
		folder $(D)$$folder || exit 1; \
	done
	$(INSTALL) -m 644 $(MODULE) $(D)$(PAMDIR)/pam_jwt.so
	$(INSTALL) -m 755 $(JWTCTL) $(ASKPASS) $(ISSUE) $(D)$(BINDIR)
	$(INSTALL) -m 755 $(ISSUERD) $(NETD) $(D)$(SBINDIR)
	$(INSTALL) -m 644 $(DOCS) $(D)$(DOCDIR)
	@$(FOLDER); for page in $(MANPAGES); do \
		folder=$(D)$(MANDIR)/man$${page##*.}; \
		folder $$folder && \
		    $(INSTALL) -m 644 $$page $$folder || exit 1; \
	done
	@for unit in $(UNITFILES); do \
		to=$(D)$(UNITDIR)/$${unit##*/}; \
		$(PLACED) $$unit >$$to && chmod 644 $$to || exit 1; \
	done
	@for file in $(SYSUSERS:dist/%.sysusers=%); do \
		$(INSTALL) -m 644 dist/$$file.sysusers \
		    $(D)$(SYSUSERSDIR)/$$file.conf || exit 1; \
	done
	@for file in $(TMPFILES:dist/%.tmpfiles=%); do \
		$(INSTALL) -m 644 dist/$$file.tmpfiles \
		    $(D)$(TMPFILESDIR)/$$file.conf || exit 1; \
	done
	@# The administrator's files: brought once, never touched again.
	@for conf in $(CONFS); do \
		to=$(D)$(SYSCONFDIR)/security/$$conf; \
		if [ -e $$to ] || [ -L $$to ]; then \
			echo "$$to is there already: left as it is"; \
		else \
			$(INSTALL) -m 644 dist/$$conf $$to && \
			    echo "$$to: an example, all of it commented out" \
			    || exit 1; \
		fi; \
	done
	@echo 'The PAM lines are in $(DOCDIR)/pam.d-example; how to begin' \
	    'the issuer is in jwt-issuerd(8).'

# A stack that names a module which is gone lets nobody in, sudo's not even
# the administrator who would mend it.
uninstall:
	@left=$$(grep -ls '^[^#]*pam_jwt\.so' $(D)$(SYSCONFDIR)/pam.d/*) || :; \
	if [ -n "$$left" ]; then \
		echo "Still naming pam_jwt.so, so no login by them:" $$left; \
		[ '$(ANYWAY)' = yes ] || { \
			echo 'Nothing is taken away. Change those first' \
			    '(ANYWAY=yes does without).'; \
			exit 1; \
		}; \
	fi
	rm -f $(D)$(PAMDIR)/pam_jwt.so
	rm -f $(addprefix $(D)$(BINDIR)/,$(notdir $(JWTCTL) $(ASKPASS) $(ISSUE)))
	rm -f $(addprefix $(D)$(SBINDIR)/,$(notdir $(ISSUERD) $(NETD)))
	rm -f $(addprefix $(D)$(DOCDIR)/,$(notdir $(DOCS)))
	rm -f $(addprefix $(D)$(UNITDIR)/,$(notdir $(UNITFILES)))
	rm -f $(SYSUSERS:dist/%.sysusers=$(D)$(SYSUSERSDIR)/%.conf)
	rm -f $(TMPFILES:dist/%.tmpfiles=$(D)$(TMPFILESDIR)/%.conf)
	@for page in $(MANPAGES); do \
		rm -f $(D)$(MANDIR)/man$${page##*.}/$${page##*/}; \
	done
	@rmdir $(D)$(DOCDIR) 2>/dev/null || :
	@rmdir $(D)$(SYSCONFDIR)/security/pam_jwt.d 2>/dev/null || :
	@for mine in $(CONFS:%=$(SYSCONFDIR)/security/%) \
	    $(SYSCONFDIR)/security/pam_jwt.d $(SYSCONFDIR)/pam.d/jwt-issuer \
	    /var/lib/jwt-issuer /var/lib/pam_jwt; do \
		mine=$(D)$$mine; \
		[ ! -e $$mine ] || echo "$$mine is yours: left as it is"; \
	done
	@for unit in $(notdir $(UNITFILES)); do \
		for link in $(D)$(SYSCONFDIR)/systemd/system/*.wants/$$unit; do \
			[ ! -L $$link ] || echo "$$unit is still enabled:" \
			    "systemctl disable --now $$unit"; \
		done; \
	done

clean:
	rm -rf $(BUILD)

help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

FORCE:

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all tests check check-matrix check-asan check-valgrind check-long memcheck coverage \
	fuzz fuzz-run fuzzers demo deps deps-test lint lint-format lint-shell \
	lint-tidy lint-cppcheck install uninstall clean help hint FORCE

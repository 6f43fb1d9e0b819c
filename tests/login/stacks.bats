# The module among others: every control word, every kind of answer, and every
# phase. A fault never opens a stack, and is never as if nobody had objected.

bats_require_minimum_version 1.5.0

setup() {
	load world
	load verdicts
	simple_world
	token "$WORLD/good"
	token "$WORLD/expired" exp=-60
	token "$WORLD/unreadable" iss=https://other.test
	echo "$PASSWORD" >"$WORLD/password"
	echo wrong >"$WORLD/wrong"
	config_add <<-END
		[issuer other]
		issuer     = https://other.test
		keys       = $ETC/none
		audience   = ssh://%h
		algorithms = EdDSA
	END
	# The same, but with a fault: for the pam.d line of a faulty module.
	{ cat "$ETC/security/pam_jwt.conf"; echo x = y; } |
	    put /etc/security/faulty.conf
	# A module that takes what an earlier one left, else asks, and to which
	# each file in $WORLD/right is a right password.
	printf %s "$PASSWORD" | put /right/password
	put /bin/next 755 <<-END
		#!/bin/sh
		tr -d '\0' >$WORLD/home/given
		for right in $WORLD/right/*; do
			! cmp -s \$right $WORLD/home/given || exit 0
		done
		exit 1
	END
	NEXT="pam_exec.so quiet expose_authtok $WORLD/bin/next"
}

teardown() {
	world_end
}

# ends OPERATION FILE TEXT: pamtester with FILE's answers ends with this text.
ends() {
	local output
	output=$(pam_with "$2" sshd deploy "$1" 2>&1) || :
	[[ $output == *"pamtester: $3" ]] ||
	    wrong "$1 with ${2##*/}, not '$3': $output" "$(<"$ETC/pam.d/sshd")"
}

# auth LINE... : the stack sshd, `jwt` standing for our module.
auth() {
	printf 'auth %s\n' "$@" | sed 's/ jwt$/ pam_jwt.so/' | stack sshd
}

# outcome GOOD EXPIRED FAULTY UNREADABLE [LINE...]: how authenticate ends
# with each answer, a letter each (see below), of a stack of these lines.
outcome() {
	local -A text=([S]='successfully authenticated'
	    [A]='Authentication failure' [E]='Error in service module'
	    [U]='Authentication service cannot retrieve authentication info'
	    [P]='Permission denied' [X]='System error')
	local good=$1 expired=$2 faulty=$3 unreadable=$4
	shift 4
	auth "$@"
	ends authenticate "$WORLD/good" "${text[$good]}" || return
	ends authenticate "$WORLD/expired" "${text[$expired]}" || return
	ends authenticate "$WORLD/unreadable" "${text[$unreadable]}" || return
	sed -i "s#config=[^ ]*#config=$ETC/security/faulty.conf#" \
	    "$ETC/pam.d/sshd"
	ends authenticate "$WORLD/good" "${text[$faulty]}"
}

@test 'alone, by every control word, nothing but a good token opens' {
	outcome S A E U 'required jwt'
	outcome S A E U 'requisite jwt'
	outcome S A E U '[success=done default=die] jwt'
	outcome S A E U '[success=ok default=bad] jwt'
	# What libpam says when no module decided.
	outcome S P P P 'sufficient jwt'
	outcome S P P P '[success=ok default=ignore] jwt'
	outcome P P P P '[default=ignore] jwt'
	outcome S P P P 'optional jwt'
}

@test 'beside pam_permit only a good token opens' {
	outcome S A E U 'required jwt' 'required pam_permit.so'
	outcome S A E U 'required pam_permit.so' 'required jwt'
	outcome S A E U 'requisite jwt' 'required pam_permit.so'
	outcome S A E U 'required pam_permit.so' 'requisite jwt'
	outcome S A E U 'required jwt' 'sufficient pam_permit.so'
	outcome S A A A '[success=1 default=ignore] jwt' \
	    'requisite pam_deny.so' 'required pam_permit.so'
}

@test 'beside pam_deny a good token opens where sufficient stands' {
	outcome S A A A 'sufficient jwt' 'required pam_deny.so'
	outcome S A A A '[success=done default=ignore] jwt' \
	    'required pam_deny.so'
	outcome A A A A '[default=ignore] jwt' 'required pam_deny.so'
	outcome A A E U 'required jwt' 'required pam_deny.so'
	outcome A A A A 'required pam_deny.so' 'sufficient jwt'
}

@test 'no is never taken for unavailable, nor a fault for either' {
	local file control='[success=done authinfo_unavail=ignore default=die]'
	outcome S A E S "$control jwt" 'required pam_permit.so'
	outcome S A E A "$control jwt" 'required pam_deny.so'
	auth "$control jwt" 'required pam_permit.so'
	for file in wrong password; do
		ends authenticate "$WORLD/$file" 'Authentication failure'
	done
	for file in cut sign; do
		token "$WORLD/$file"
	done
	cut -c 1-60 "$WORLD/cut" >"$WORLD/wrong"
	tamper "$WORLD/sign" 3
	for file in wrong sign; do
		ends authenticate "$WORLD/$file" 'Authentication failure'
	done
	# Nothing is ever PAM_IGNORE, which `required` passes over.
	outcome S A E U '[success=ok ignore=ignore default=bad] jwt' \
	    'required pam_permit.so'
}

@test 'a password that is no token stays for the next module, which asks not' {
	auth 'sufficient jwt' "required $NEXT"
	ends authenticate "$WORLD/password" 'successfully authenticated'
	grep -q '^<85>.*reason=not_a_jwt' "$WORLD/log"
	ends authenticate "$WORLD/wrong" 'System error'
	[ "$(<"$WORLD/home/given")" = wrong ]
	ends authenticate "$WORLD/good" 'successfully authenticated'
	# One answer only: nothing stands in the file for a second question.
	run pam_with "$WORLD/password" sshd deploy authenticate
	[ "$(grep -o 'JWT: \|assword' <<<"$output")" = 'JWT: ' ]
}

@test 'a refused token is no password for the next module' {
	local control token
	# They would be right ones.
	printf %s "$(<"$WORLD/expired")" | put /right/expired
	printf %s "$(<"$WORLD/unreadable")" | put /right/unreadable
	auth "required $NEXT"
	ends authenticate "$WORLD/expired" 'successfully authenticated'
	for control in sufficient '[default=ignore]' required; do
		auth "$control jwt" "required $NEXT"
		for token in expired unreadable; do
			run pam_with "$WORLD/$token" sshd deploy authenticate
			[ "$status" -ne 0 ]
			tr -d '\b\n\r\177' <"$WORLD/home/given" | grep -qxE \
			    '(INCORRECT)*(I|IN|INC|INCO|INCOR|INCORR|INCORRE|INCORREC)?'
			[ "$(wc -c <"$WORLD/home/given")" -eq \
			    "$(tr -d '\n' <"$WORLD/$token" | wc -c)" ]
		done
	done
}

@test 'after a token that was accepted the next module asks its own' {
	local first second text
	while read -r first second text; do
		for control in required requisite; do
			auth "$control jwt" 'required pam_unix.so'
			cat "$WORLD/$first" "$WORLD/$second" >"$WORLD/both"
			ends authenticate "$WORLD/both" "$text"
		done
	done <<-'END'
		good password successfully authenticated
		good wrong Authentication failure
		good good Authentication failure
		expired password Authentication failure
		password password Authentication failure
		unreadable password Authentication service cannot retrieve authentication info
	END
	auth 'required jwt' 'required pam_unix.so'
	sed -i "s#config=[^ ]*#config=$ETC/security/faulty.conf#" \
	    "$ETC/pam.d/sshd"
	ends authenticate "$WORLD/password" 'Error in service module'
}

@test 'behind another module it takes the answer that was given there' {
	auth "sufficient $NEXT" 'required jwt'
	ends authenticate "$WORLD/good" 'successfully authenticated'
	ends authenticate "$WORLD/password" 'successfully authenticated'
	ends authenticate "$WORLD/expired" 'Authentication failure'
	auth "required $NEXT" 'required jwt'
	ends authenticate "$WORLD/good" 'System error'
	ends authenticate "$WORLD/password" 'Authentication failure'
}

@test 'H15: in the account phase it has no say: nothing is skipped for it' {
	local control
	for control in required requisite sufficient optional \
	    '[success=done default=ignore]'; do
		stack sshd <<-END
			account $control pam_jwt.so
			account required pam_deny.so
		END
		run pam_with "$WORLD/good" sshd deploy acct_mgmt
		[ "$status" -ne 0 ]
		stack sshd <<-END
			account $control pam_jwt.so
			account required pam_permit.so
		END
		ends acct_mgmt "$WORLD/good" 'account management done.'
		# Alone it opens nothing either.
		stack sshd <<<"account $control pam_jwt.so"
		ends acct_mgmt "$WORLD/good" 'Permission denied'
	done
}

@test 'every phase in one login, and each of them alone' {
	local phase control
	for control in required requisite; do
		for phase in auth account session password; do
			echo "$phase $control pam_jwt.so"
			echo "$phase required pam_permit.so"
		done | stack sshd
		run pam_with "$WORLD/good" sshd deploy authenticate \
		    'setcred(PAM_ESTABLISH_CRED)' acct_mgmt open_session \
		    'setcred(PAM_REINITIALIZE_CRED)' \
		    'setcred(PAM_REFRESH_CRED)' close_session chauthtok
		[ "$status" -eq 0 ]
		[[ $output == *'authentication token altered successfully.' ]]
	done
	stack sshd <<<$'auth required pam_jwt.so\nsession required pam_jwt.so'
	ends setcred "$WORLD/good" 'credential info has successfully been set.'
	ends open_session "$WORLD/good" 'successfully opened a session'
	ends close_session "$WORLD/good" 'session has successfully been closed.'
	# It judges tokens in one phase only: the others log nothing.
	[ "$(grep -c . "$WORLD/log")" -eq 2 ]
}

@test 'a new password is not its business' {
	stack sshd <<<$'password sufficient pam_jwt.so\npassword required pam_deny.so'
	run pam_with "$WORLD/good" sshd deploy chauthtok
	[ "$status" -ne 0 ]
	stack sshd <<<'password required pam_jwt.so'
	run pam_with "$WORLD/good" sshd deploy chauthtok
	[ "$status" -ne 0 ]
}

@test 'a fault of the configuration stays out of the other phases' {
	{
		echo 'session required pam_jwt.so'
		printf '%s required pam_jwt.so\n' auth account password
		printf '%s required pam_permit.so\n' account password
	} | stack sshd
	sed -i "s#config=[^ ]*#config=$ETC/none#" "$ETC/pam.d/sshd"
	ends acct_mgmt "$WORLD/good" 'account management done.'
	ends open_session "$WORLD/good" 'successfully opened a session'
	ends setcred "$WORLD/good" 'credential info has successfully been set.'
	ends authenticate "$WORLD/good" 'Error in service module'
}

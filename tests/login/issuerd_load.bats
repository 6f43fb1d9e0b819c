# jwt-issuerd under load: 64 clients, one request in twenty rubbish. Every good
# one is answered, none is mixed up, and what the service takes stays flat.
# REQUESTS=10000 is what `make check-long` asks.

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	load world
	[ -z "$(sanitizer)" ] || skip 'sanitizers make a process slow to begin'
	root_issuer
	policy 'proof = peer'
	sed -i 's/^keys/connections = 100\nconnections_per_user = 100\ntokens_per_minute = 1000000\n&/' \
	    "$WORLD/etc/security/jwt-issuer.conf"
	start_issuerd
}

teardown() {
	world_end
}

# Kilobytes of the process that listens.
memory() {
	in_world sh -c 'awk "/^VmRSS/ { print \$2 }" "/proc/$(pgrep -o jwt-issuerd)/status"'
}

@test "all good requests of a crowd are answered, whatever comes amid them" {
	local before after
	run as deploy load-issuerd /run/jwt-issuer/socket 64 100
	[ "$status" -eq 0 ] || { shown; return 1; }
	before=$(memory)
	run as deploy load-issuerd /run/jwt-issuer/socket 64 "${REQUESTS:-1000}"
	[ "$status" -eq 0 ] || { shown; return 1; }
	echo "# $output" >&3
	until_true 20 in_world sh -c '[ "$(pgrep -c jwt-issuerd)" -eq 1 ]'
	after=$(memory)
	echo "# the service that listens: $before kB before, $after kB after" >&3
	[ "$after" -le "$((before + 256))" ]
	# One line each, but for those whose connection did not get as far.
	[ "$(grep -c 'issued reason=issued ' "$WORLD/log")" -ge \
	    "$((${REQUESTS:-1000} * 95 / 100))" ]
}

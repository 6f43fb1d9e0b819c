#!/usr/bin/env bats
# Real su, run by the account operator.

load helper

setup() {
	root_world
}

teardown() {
	world_end
}

@test "su takes a token of the account that is wanted" {
	token "$token" sub=deploy
	run su_with "$token" operator deploy 'id -un'
	[[ ${lines[-1]} == *deploy ]]
	accepted
}

@test "su refuses a token of the account that asks" {
	token "$token" sub=operator
	run su_with "$token" operator deploy true
	refused user_mismatch
}

@test "su to root is refused until root is named" {
	token "$token" sub=root
	run su_with "$token" operator root true
	refused user_not_allowed
	config_add <<<'system_accounts = root'
	run su_with "$token" operator root 'id -un'
	[[ ${lines[-1]} == *root ]]
	accepted
}

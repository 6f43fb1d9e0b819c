/*
 * I9: several logins of one process at once, each with a handle of its own.
 * Built with the thread sanitizer, too, which watches the module meanwhile.
 */
#include "module_login.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 8
#define LOGINS 40

static struct {
	char *good, *expired, *forged;
	pthread_barrier_t start;
	atomic_int wrong;
} shared;

static void *
log_in_often(void *data)
{
	const size_t number = *(const size_t *)data;
	const struct {
		const char *service, *answer;
		int result;
	} cases[] = {
	    {"good", shared.good, PAM_SUCCESS},
	    {"good", shared.expired, PAM_AUTH_ERR},
	    {"good", shared.forged, PAM_AUTH_ERR},
	    {"good", "password", PAM_AUTH_ERR},
	    {"keyless", shared.good, PAM_AUTHINFO_UNAVAIL},
	    {"faulty", shared.good, PAM_SERVICE_ERR},
	};
	struct talk talk;
	size_t i, one;

	pthread_barrier_wait(&shared.start);
	for (i = 0; i < LOGINS; i++) {
		one = (i + number) % (sizeof(cases) / sizeof(cases[0]));
		talk = (struct talk){.answer = cases[one].answer};
		if (log_in(cases[one].service, &talk) != cases[one].result)
			atomic_fetch_add(&shared.wrong, 1);
	}
	return NULL;
}

static void
i9_each_of_eight_threads_has_its_own_verdict(void **state)
{
	pthread_t threads[THREADS];
	size_t numbers[THREADS], i;
	struct talk talk = {0};
	char *at;

	(void)state;
	shared.good = token("deploy", 600);
	shared.expired = token("deploy", -60);
	shared.forged = token("deploy", 600);
	at = strrchr(shared.forged, '.') + 2;
	*at = *at == 'A' ? 'B' : 'A';
	/* pam_wrapper makes itself ready at the first one, and knows no lock. */
	talk.answer = shared.good;
	assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
	assert_int_equal(pthread_barrier_init(&shared.start, NULL, THREADS), 0);
	for (i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, log_in_often,
				     &numbers[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&shared.wrong), 0);
	pthread_barrier_destroy(&shared.start);
	free(shared.good);
	free(shared.expired);
	free(shared.forged);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(i9_each_of_eight_threads_has_its_own_verdict),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

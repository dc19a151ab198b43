/* What a service that keeps accounts must tell of them (service.h), tried on each. */
#include "harness.h"
#include "stand.h"

/* Without a statement it says so, and nothing leaves. */
static void what_was_taken_is_told(void **state)
{
	struct stand *stand = *state;
	struct err err;

	if (!stand->ops->statement) {
		assert_int_equal(
		    service_statement(stand->service, NULL, 5, NULL, NULL, &err),
		    ERR_USAGE);
		return;
	}
	assert_int_equal(
	    service_statement(stand->service, NULL, 0, NULL, NULL, &err), ERR_USAGE);
	assert_int_equal(service_statement(stand->service, NULL, SERVICE_ENTRIES_MAX + 1,
			     NULL, NULL, &err),
	    ERR_USAGE);
	assert_int_equal(stand_statement(stand), ERR_OK);
	assert_int_equal(stand->n_entries, 0);
	assert_int_equal(stand_send(stand, "task-9"), SENT_ACCEPTED);
	assert_int_equal(stand_statement(stand), ERR_OK);
	assert_int_equal(stand->n_entries, 1);
	assert_true(stand->newest < 0);
	stand->world.refuse_login(&stand->world);
	assert_int_equal(stand_statement(stand), ERR_AUTH);
	stand_start_statement(stand);
	service_free(stand->service);
	stand->service = NULL;
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 0);
}

#define ON(service, test)                                                        \
	{                                                                        \
		.name = #service ": " #test, .test_func = (test),                \
		.setup_func = stand_begin_##service, .teardown_func = stand_end, \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(made_up_send, what_was_taken_is_told),
		ON(jimeng, what_was_taken_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "pictures/refuse.h"

#include <stdio.h>

#include "base/text.h"

enum dq_status refuse_with(
    const struct err *err, enum dq_status status, struct dq_error *to)
{
	if (to) {
		to->status = status;
		(void)snprintf(to->message, sizeof(to->message), "%s", err->msg);
		(void)snprintf(to->shown, sizeof(to->shown), "%s", err_shown(err));
		text_make_printable(to->message);
		text_make_printable(to->shown);
	}
	return status;
}

/*
 * plain.h - what stands in for what a service leaves out of its row (service_ops.h): the
 * settings that each has, a login that is one word, and a body that names its task once.
 */
#pragma once

#include "service/service_ops.h"

/* Is this one of the service's? */
bool plain_has_region(const struct service_ops *ops, const char *region);

/*
 * Settings with the names "api_base", "submit_base" and "region", nothing else. At first
 * they are those of ops->plain; the region is the first of the service's.
 */
enum err_kind plain_settings_new(const struct service_ops *ops,
    struct service_settings **ret_settings, struct err *err);
enum err_kind plain_settings_set(struct service_settings *settings, const char *name,
    const char *value, struct err *err);
void plain_settings_free(struct service_settings *settings);
const char *plain_setting_name_at(size_t i);
/* Of a service without settings of its own, these are service->settings. */
struct service_traits plain_traits(const struct service_settings *settings);

/* One word of printable ASCII on a line of its own, as it is. Nobody knows when it dies.
 */
enum err_kind plain_read_credential(
    const char *text, char **ret_credential, int64_t *ret_expires_unix, struct err *err);

/*
 * The body with another id in it: the value of submit_id, and that of subject_id when it
 * was the same. All other bytes stay, so that long numbers are not rounded. malloc'ed.
 */
enum err_kind plain_rename(
    const char *body, const char *submit_id, char **ret_body, struct err *err);

/*
 * libsecret.h - the few functions of libsecret and GLib that keyring.c calls, found when
 * they are needed: neither their headers nor their libraries are needed to build dreamq
 * or to start it. The declarations are those of libsecret 0.18 and later, whose binary
 * interface is frozen (libsecret-1.so.0).
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

enum {
	LIBSECRET_ATTRIBUTES = 32,
	LIBSECRET_ANY_SCHEMA = 1 << 1, /* of a schema: look for attributes alone */
	LIBSECRET_LOADS_SECRETS = 1 << 3, /* of a search: and unlocks nothing */
};

struct g_error {
	uint32_t domain;
	int code;
	const char *message;
};

struct g_list {
	void *data;
	struct g_list *next, *prev;
};

struct secret_schema {
	const char *name;
	int flags;
	struct {
		const char *name;
		int type; /* 0: a string */
	} attributes[LIBSECRET_ATTRIBUTES];
	int reserved;
	void *reserved_too[7];
};

/* Each member has the name of the function that it points at. */
struct libsecret {
	void *(*g_cancellable_new)(void);
	void (*g_cancellable_cancel)(void *cancellable);
	void (*g_object_unref)(void *object);
	void (*g_hash_table_unref)(void *table);
	void (*g_list_free)(struct g_list *list);
	void (*g_error_free)(struct g_error *error);
	void *(*secret_attributes_build)(const struct secret_schema *schema, ...);
	struct g_list *(*secret_service_search_sync)(void *service,
	    const struct secret_schema *schema, void *attributes, int flags,
	    void *cancellable, struct g_error **error);
	int (*secret_item_get_locked)(void *item);
	void *(*secret_item_get_secret)(void *item);
	const char *(*secret_value_get_text)(void *value);
	void (*secret_value_unref)(void *value);
	int (*secret_password_store_sync)(const struct secret_schema *schema,
	    const char *collection, const char *label, const char *password,
	    void *cancellable, struct g_error **error, ...);
	int (*secret_password_clear_sync)(const struct secret_schema *schema,
	    void *cancellable, struct g_error **error, ...);
};

/* ERR_AUTH when there is none. It stays open: GLib can't be unloaded. */
/* Adds to *err that there is another place for the cookie. */
enum err_kind libsecret_name_file(struct err *err);
enum err_kind libsecret_open(struct libsecret *ret_lib, struct err *err);

/*
 * files_body.h - how files are asked for by their names (PROTOCOL B8). Pure.
 */
#pragma once

#include "base/buf.h"
#include "service/jimeng/send/wire.h"
#include "service/service.h"

enum { FILES_NAME_MAX = 512 /* bytes of a uri, a vid, an item's id */ };
#define FILES_BODY_MAX(n) (((n) + 1) * (FILES_NAME_MAX + 3) + 256)

/* Printable ASCII without blanks, '"' and '\\', of FILES_NAME_MAX bytes at most? */
bool files_is_name(const char *name);
/*
 * Names are of printable ASCII without blanks, '"' and '\\'. ERR_USAGE: one is not;
 * ERR_NOMEM.
 */
enum err_kind files_body(enum service_files which, const struct service_file *files,
    size_t n, struct buf *body, struct err *err);
/* Below api_base; lives with the wire. */
const char *files_path(enum service_files which, const struct wire *wire);

/*
 * base_url.c - what net.h says of a service's address before anything is sent there.
 */
#include "net/net.h"

#include "base/cleanup.h"
#include "net/link.h"

bool net_url_is_loopback(const char *url)
{
	_cleanup_(link_release) struct link link = { 0 };
	struct err err;

	return link_make(url, ERR_USAGE, &link, &err) == ERR_OK && link.is_loopback;
}

enum err_kind net_check_base_url(const char *what, const char *url, struct err *err)
{
	_cleanup_(link_release) struct link link = { 0 };

	if (link_make(url, ERR_USAGE, &link, err) == ERR_OK)
		return ERR_OK;
	return err_note(err, "%s", what);
}

/*
 * asked.h - what of a submit's body decides its price, for each way (route.h): of the
 * agent's all but its names, its words, its shape, and which pictures it begins with (how
 * many they are stays); of the page's draft model, resolution and number of pictures. The
 * body may be taken apart. ERR_USAGE: it can't be understood; ERR_NOMEM.
 */
#pragma once

#include "base/json.h"
#include "service/service.h"

enum err_kind asked_of_agent(cJSON *body, struct service_asked *asked, struct err *err);
enum err_kind asked_of_page(cJSON *body, struct service_asked *asked, struct err *err);

/*
 * api.h - the endpoints of the service. Every handler fills in r->reply.
 */
#pragma once

#include "jimeng/jimeng.h"
#include "wire/request.h"

void api_query(const struct jimeng *jimeng, struct request *r);
void api_queue(const struct jimeng *jimeng, struct request *r);
void api_history(const struct jimeng *jimeng, struct request *r);
void api_assets(const struct jimeng *jimeng, struct request *r);
void api_items(const struct jimeng *jimeng, struct request *r);
void api_images(const struct jimeng *jimeng, struct request *r);
void api_videos(const struct jimeng *jimeng, struct request *r);
void api_credit_history(const struct jimeng *jimeng, struct request *r);
void api_credit(const struct jimeng *jimeng, struct request *r);
void api_submit_web(const struct jimeng *jimeng, struct request *r);
void api_cancel(const struct jimeng *jimeng, struct request *r);
void api_submit_image(const struct jimeng *jimeng, struct request *r);
void api_submit_video(const struct jimeng *jimeng, struct request *r);

/*
 * cppcheck.h - what cppcheck must know of system headers, which it doesn't read.
 */
#pragma once

#define LIST_HEAD(name, type)          \
	struct name {                  \
		struct type *lh_first; \
	}
#define LIST_ENTRY(type)              \
	struct {                      \
		struct type *le_next; \
	}
#define TAILQ_HEAD(name, type)          \
	struct name {                   \
		struct type *tqh_first; \
	}
#define TAILQ_ENTRY(type)              \
	struct {                       \
		struct type *tqe_next; \
	}
#define TAILQ_FOREACH(element, head, field) \
	for (element = (head)->tqh_first; element; element = element->field.tqe_next)
#define cJSON_ArrayForEach(element, array) \
	for (element = (array) ? (array)->child : 0; element; element = element->next)

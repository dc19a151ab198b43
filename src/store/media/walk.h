/*
 * walk.h - one walk per family of containers; see store/media/media.h. For store/
 * only. Each returns ERR_OK when the container reaches its end inside the
 * file, ERR_CONTRACT when it is cut off or damaged, ERR_IO; and sets source->has_no_end
 * when it has reached what may be the end, and the container does not say whether it is.
 */
#pragma once

#include "base/err.h"
#include "store/media/source.h"

/* Checks every critical chunk's checksum, at least one IDAT, IEND. */
enum err_kind walk_png(struct source *source, struct err *err);
/* Walks every marker and the coded data between them, to EOI. */
enum err_kind walk_jpeg(struct source *source, struct err *err);
/* Walks every block, to the trailer; at least one picture. */
enum err_kind walk_gif(struct source *source, struct err *err);
/* Walks every chunk below RIFF; picture data. */
enum err_kind walk_webp(struct source *source, struct err *err);
/* Boxes: moov with a track, mdat, no sample beyond the end. */
enum err_kind walk_film(struct source *source, struct err *err);
/* Walks boxes: meta (with mdat, or its own idat), or a film for sequences. */
enum err_kind walk_heif(struct source *source, struct err *err);
/* EBML head, and a segment that ends inside the file; of one without end each element. */
enum err_kind walk_matroska(struct source *source, struct err *err);
/* Walks fmt and data chunks, and what RIFF says follows them; RF64 and BW64, too. */
enum err_kind walk_wav(struct source *source, struct err *err);
/* Walks every page, to one that ends its stream. */
enum err_kind walk_ogg(struct source *source, struct err *err);
/* Walks each frame, and as many as the head promises, if it does. */
enum err_kind walk_mp3(struct source *source, struct err *err);
enum err_kind walk_flac(struct source *source, struct err *err);
enum err_kind walk_aac(struct source *source, struct err *err);

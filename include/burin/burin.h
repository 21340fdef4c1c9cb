/* Burin's runtime in C: loads .tflite models and runs them.
 *
 *   burin_status status;
 *   burin_program* program;
 *   if (burin_program_from_file("model.tflite", NULL, &program, &status) != BURIN_OK) puts(status.message);
 *   burin_session* session;
 *   burin_session_new(program, NULL, &session, &status);
 *   size_t count;
 *   float* pixels = burin_session_input(session, 0, BURIN_FLOAT32, &count);
 *   ... write `count` floats ...
 *   burin_session_invoke(session, &status);
 *   const float* scores = burin_session_output(session, 0, BURIN_FLOAT32, &count);
 *
 * A program is a model that was planned for given input shapes; it never changes. A session is the memory of one run.
 *
 * Threads: a program may be used by any number of threads and sessions at once. A session belongs to one thread at a
 * time; only burin_session_cancel() and burin_session_clear_cancel() may be called from others. Results never depend
 * on the number of threads.
 *
 * Errors: functions that can fail return a burin_code and write it, with its message, to the `burin_status` given last
 * (NULL: not wanted). No input makes them abort; a NULL handle or pointer is BURIN_INVALID_ARGUMENT (of functions that
 * return a value: 0 or NULL), and freeing NULL does nothing. After an error, what a function would have given is NULL.
 *
 * Shapes are in elements, outermost dimension first; data lie in row-major order without gaps.
 */
#ifndef BURIN_BURIN_H
#define BURIN_BURIN_H

#include <stddef.h>
#include <stdint.h>

#ifndef BURIN_API
#if defined(__GNUC__)
#define BURIN_API __attribute__((visibility("default")))
#else
#define BURIN_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0": major, minor, patch. */
BURIN_API const char* burin_version(void);

typedef enum burin_code {
  BURIN_OK = 0,
  BURIN_INVALID_ARGUMENT = 1, /* the caller's mistake: a wrong shape, index, size, type, or NULL */
  BURIN_INVALID_MODEL = 2,    /* a file that contradicts itself */
  BURIN_UNSUPPORTED = 3,      /* well formed, but this build cannot run it */
  BURIN_RESOURCE_LIMIT = 4,   /* larger than a limit of the reader or planner, or than the memory that there is */
  BURIN_IO = 5,               /* the file cannot be read */
  BURIN_CANCELLED = 6         /* burin_session_cancel() was called */
} burin_code;

/* Texts are one line each in UTF-8; longer ones end with "...". */
typedef struct burin_status {
  burin_code code;
  char message[512]; /* what is wrong and where: file, layer */
  char remedy[256];  /* what to do about it; may be empty */
} burin_status;

/* Values are TensorType of the .tflite format. */
typedef enum burin_type {
  BURIN_FLOAT32 = 0,
  BURIN_FLOAT16 = 1,
  BURIN_INT32 = 2,
  BURIN_UINT8 = 3,
  BURIN_INT64 = 4,
  BURIN_BOOL = 6, /* one byte */
  BURIN_INT16 = 7,
  BURIN_INT8 = 9,
  BURIN_FLOAT64 = 10,
  BURIN_UINT32 = 15,
  BURIN_INT4 = 17 /* two per byte, low nibble first */
} burin_type;

#define BURIN_MAX_RANK 8

typedef struct burin_shape {
  int32_t rank;                 /* 0: a scalar */
  int32_t dims[BURIN_MAX_RANK]; /* the first `rank` count */
} burin_shape;

/* An input or output. Pointers live as long as the program. */
typedef struct burin_tensor_info {
  const char* name; /* in the first signature */
  burin_type type;
  burin_shape shape;
  size_t bytes;
  /* real = scale * (value - zero_point); scale_count 0: not quantized, 1: one for all elements, more: one for each
   * index of dimension `axis`. */
  size_t scale_count;
  const float* scales;
  const int32_t* zero_points;
  int32_t axis; /* -1: one for all elements */
} burin_tensor_info;

typedef struct burin_program burin_program;
typedef struct burin_session burin_session;

/* ---- Programs ------------------------------------------------------------------------------------------------- */

typedef enum burin_arithmetic {
  BURIN_ARITHMETIC_LITERT = 0,   /* integers as stock LiteRT computes them */
  BURIN_ARITHMETIC_REFERENCE = 1 /* as TFLite's reference kernels do, for microcontrollers */
} burin_arithmetic;

/* All zero is the default. */
typedef struct burin_program_options {
  int32_t arithmetic;              /* a burin_arithmetic */
  size_t input_count;              /* of input_shapes; 0: the model's own, with free dimensions set to 1 */
  const burin_shape* input_shapes; /* in the model's order */
  uint64_t reserved[4];            /* zero */
} burin_program_options;

/* Maps the file; it is not read into memory as a whole. Until the program and all that were made of it are freed, the
 * file may be deleted or replaced by another of its name, but must not be changed in place. */
BURIN_API burin_code burin_program_from_file(const char* path, const burin_program_options* options,
                                             burin_program** program, burin_status* status);

/* The same of a file's `size` bytes, which may be unaligned. With `release` NULL they are copied. Otherwise they are
 * used where they are and must not change until release(context) is called, once, when nothing needs them any more:
 * also after an error, then before this returns. */
BURIN_API burin_code burin_program_from_memory(const void* data, size_t size, void (*release)(void* context),
                                               void* context, const burin_program_options* options,
                                               burin_program** program, burin_status* status);

/* The same model for other input shapes, `count` of them, one for each input. The file is shared, weights
 * are packed again; `program` stays as it is. */
BURIN_API burin_code burin_program_resized(const burin_program* program, const burin_shape* shapes, size_t count,
                                           burin_program** resized, burin_status* status);

/* Sessions of the program go on. */
BURIN_API void burin_program_free(burin_program* program);

BURIN_API size_t burin_program_input_count(const burin_program* program);
BURIN_API size_t burin_program_output_count(const burin_program* program);
BURIN_API burin_code burin_program_input(const burin_program* program, size_t index, burin_tensor_info* info,
                                         burin_status* status);
BURIN_API burin_code burin_program_output(const burin_program* program, size_t index, burin_tensor_info* info,
                                          burin_status* status);

/* Signatures name the inputs and outputs; there is at least one. A file's signatures that call other graphs than the
 * main one are not counted: asking for one by its key is BURIN_UNSUPPORTED. */
BURIN_API size_t burin_program_signature_count(const burin_program* program);
/* "serving_default"; NULL where there is no such signature. */
BURIN_API const char* burin_program_signature_key(const burin_program* program, size_t signature);
/* The name of input or output `index` in a signature; NULL where there is none. */
BURIN_API const char* burin_program_input_name(const burin_program* program, size_t signature, size_t index);
BURIN_API const char* burin_program_output_name(const burin_program* program, size_t signature, size_t index);
/* The index of the input or output of that name; `signature_key` NULL: in the first signature. */
BURIN_API burin_code burin_program_find_input(const burin_program* program, const char* signature_key, const char* name,
                                              size_t* index, burin_status* status);
BURIN_API burin_code burin_program_find_output(const burin_program* program, const char* signature_key,
                                               const char* name, size_t* index, burin_status* status);

/* Bytes that a session with that many threads works in. */
BURIN_API size_t burin_program_session_bytes(const burin_program* program, int32_t threads);

/* ---- Sessions ------------------------------------------------------------------------------------------------- */

#define BURIN_MEMORY_ALIGNMENT 64

/* All zero is the default. */
typedef struct burin_session_options {
  int32_t threads; /* that compute, the caller's included; 0 is 1, at most 256 */
  /* Memory to work in, aligned to BURIN_MEMORY_ALIGNMENT; at least burin_program_session_bytes(). It belongs to the
   * session alone until it is freed. NULL: it allocates its own. */
  void* memory;
  size_t memory_bytes;
  uint64_t reserved[4]; /* zero */
} burin_session_options;

/* The session keeps what it needs of `program`, which may be freed first. */
BURIN_API burin_code burin_session_new(const burin_program* program, const burin_session_options* options,
                                       burin_session** session, burin_status* status);
/* Not while it is invoked. */
BURIN_API void burin_session_free(burin_session* session);

/* The program that the session runs now; it belongs to the session and lives until it is resized or freed. */
BURIN_API const burin_program* burin_session_program(const burin_session* session);

/* The elements of an input, and how many they are (`count` may be NULL); NULL where there is no such input or it is of
 * another type. To be written before every invoke: their memory may be used again during it. Valid until the session
 * is resized or freed. */
BURIN_API void* burin_session_input(burin_session* session, size_t index, burin_type type, size_t* count);
/* The elements of an output; the same. Valid until the session is invoked, resized or freed. */
BURIN_API const void* burin_session_output(const burin_session* session, size_t index, burin_type type, size_t* count);
/* Copies to an input or from an output; `bytes` must be those of the tensor. */
BURIN_API burin_code burin_session_write_input(burin_session* session, size_t index, const void* data, size_t bytes,
                                               burin_status* status);
BURIN_API burin_code burin_session_read_output(const burin_session* session, size_t index, void* data, size_t bytes,
                                               burin_status* status);

/* Runs the model once. After an error the outputs are undefined. */
BURIN_API burin_code burin_session_invoke(burin_session* session, burin_status* status);

/* Ends the invoke that runs after its current step; until burin_session_clear_cancel(), every other one ends before its
 * first. Both may be called from any thread. */
BURIN_API void burin_session_cancel(burin_session* session);
BURIN_API void burin_session_clear_cancel(burin_session* session);

/* Goes over to burin_program_resized(); other sessions of the old program are left alone. Inputs and outputs are
 * undefined afterwards. After an error the session is as before. `memory` NULL: memory that was given before is
 * kept where it is large enough, else BURIN_INVALID_ARGUMENT; memory of its own is allocated anew. */
BURIN_API burin_code burin_session_resize(burin_session* session, const burin_shape* shapes, size_t count, void* memory,
                                          size_t memory_bytes, burin_status* status);

/* One executed step: an operator, with what was fused into it. Pointers live until the callback returns. */
typedef struct burin_step {
  const char* layer;         /* name of its output in the file */
  const char* operator_name; /* "CONV_2D"; of several "CONV_2D+ADD" */
  const char* kernel;        /* "reference" where there is no faster one */
  int64_t nanoseconds;
} burin_step;

/* `callback` sees every step of the following invokes, in order, in their thread; NULL: none does. */
BURIN_API burin_code burin_session_set_profiler(burin_session* session,
                                                void (*callback)(const burin_step* step, void* context), void* context,
                                                burin_status* status);

#ifdef __cplusplus
}
#endif

#endif /* BURIN_BURIN_H */

// A plugin of qemu's user mode that counts executed instructions: in total, and by function of the program.
// It declares what it needs of version 1 of qemu's plugin interface itself: Debian ships no header of it.
//
//   gcc -shared -fPIC -o count_instructions.so count_instructions.c
//   qemu-aarch64 -plugin ./count_instructions.so,out=counts.txt program ...
//
// counts.txt: "total <n>", then "<n> <function>" for each function. Dynamic qemu only (Debian's qemu-user).
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
typedef void (*tb_translated)(qemu_plugin_id_t, struct qemu_plugin_tb*);
typedef void (*at_exit)(qemu_plugin_id_t, void*);

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, tb_translated);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, at_exit, void*);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb*, enum qemu_plugin_op, void*, uint64_t);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
extern const char* qemu_plugin_insn_symbol(const struct qemu_plugin_insn*);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

struct function {
  char* name;
  uint64_t count;
  struct function* next;
};

static struct function* functions[4096];
static char out[4096] = "counts.txt";

static struct function* find(const char* name) {
  uint32_t hash = 5381;
  for (const char* c = name; *c; ++c) hash = hash * 33 + (unsigned char)*c;
  struct function** slot = &functions[hash % 4096];
  for (struct function* f = *slot; f; f = f->next) {
    if (strcmp(f->name, name) == 0) return f;
  }
  struct function* f = calloc(1, sizeof *f);
  f->name = strdup(name);
  f->next = *slot;
  return *slot = f;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const char* name = qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(tb, 0));
  struct function* f = find(name && *name ? name : "(unknown)");
  qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &f->count, qemu_plugin_tb_n_insns(tb));
}

static void finished(qemu_plugin_id_t id, void* data) {
  (void)id, (void)data;
  FILE* file = fopen(out, "w");
  if (!file) return;
  uint64_t total = 0;
  for (int i = 0; i < 4096; ++i) {
    for (struct function* f = functions[i]; f; f = f->next) total += f->count;
  }
  fprintf(file, "total %" PRIu64 "\n", total);
  for (int i = 0; i < 4096; ++i) {
    for (struct function* f = functions[i]; f; f = f->next) fprintf(file, "%" PRIu64 " %s\n", f->count, f->name);
  }
  fclose(file);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info,
                                                               int count, char** arguments) {
  (void)info;
  for (int i = 0; i < count; ++i) {
    if (strncmp(arguments[i], "out=", 4) == 0) snprintf(out, sizeof out, "%s", arguments[i] + 4);
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}

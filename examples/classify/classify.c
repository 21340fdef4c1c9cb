/* Classifies one input: classify MODEL.tflite INPUT, the raw bytes of the input tensor. Prints the best class. */
#include <burin/burin.h>
#include <stdio.h>
#include <stdlib.h>

static void check(const burin_status* status) {
  if (status->code == BURIN_OK) return;
  fprintf(stderr, "%s\n%s\n", status->message, status->remedy);
  exit(2);
}

int main(int argc, char** argv) {
  if (argc != 3) return fprintf(stderr, "usage: classify MODEL.tflite INPUT\n"), 2;
  burin_status status;
  burin_program* program;
  burin_program_from_file(argv[1], NULL, &program, &status);
  check(&status);
  burin_session* session;
  burin_session_new(program, NULL, &session, &status);
  check(&status);

  size_t count, best = 0;
  float* input = burin_session_input(session, 0, BURIN_FLOAT32, &count);
  FILE* file = fopen(argv[2], "rb");
  if (input == NULL || file == NULL || fread(input, sizeof(float), count, file) != count) {
    return fprintf(stderr, "%s does not hold %zu floats\n", argv[2], count), 2;
  }
  fclose(file);
  burin_session_invoke(session, &status);
  check(&status);

  const float* scores = burin_session_output(session, 0, BURIN_FLOAT32, &count);
  for (size_t i = 1; i < count; ++i) best = scores[i] > scores[best] ? i : best;
  if (count > 0) printf("class %zu, score %.4f\n", best, scores[best]);
  burin_session_free(session);
  burin_program_free(program);
  return 0;
}

// An MPI library with the standard's own ABI (MPI 5.0, chapter 20) for a test: the names, handles, constants and status of the
// standard outside, Open MPI inside. It holds what Unroll calls and refuses every handle that is not the standard's.
// Build: gcc -shared -fPIC -o libmpi_abi.so.1 standard-abi.c -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct { int source, tag, error, internal[5]; } Status; // MPI_Status
enum { COMM_WORLD = 0x101, BYTE = 0x247, REQUEST_NULL = 0x180, LAST_PREDEFINED = 0xfff };

// Open MPI's status is shorter than this; the first three numbers are the same.
typedef struct { int source, tag, error; char rest[116]; } Inner;

static void *inner(const char *name)
{
    static void *library;
    if (!library)
        library = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL);
    void *found = library ? dlsym(library, name) : 0;
    if (!found) {
        fprintf(stderr, "standard-abi: there is no %s: %s\n", name, dlerror());
        abort();
    }
    return found;
}

static void *handle(void *standard, intptr_t predefined, const char *name)
{
    if ((intptr_t)standard == predefined)
        return inner(name);
    if ((intptr_t)standard <= LAST_PREDEFINED) {
        fprintf(stderr, "standard-abi: %p is not what the standard calls %s\n", standard, name);
        abort();
    }
    return standard; // what the library itself has made
}

static void *comm(void *standard) { return handle(standard, COMM_WORLD, "ompi_mpi_comm_world"); }
static void *type(void *standard) { return handle(standard, BYTE, "ompi_mpi_byte"); }

static void give(Status *status, const Inner *from)
{
    if (status)
        *status = (Status){ from->source, from->tag, from->error, { 0 } };
}

int MPI_Abi_get_version(int *major, int *minor) 
{
    *major = 1;
    *minor = 0;
    return 0;
}

int MPI_Init_thread(int *count, char ***words, int required, int *provided)
{
    static const int levels[] = { 0, 1024, 2048, 4096 }; // SINGLE, FUNNELED, SERIALIZED, MULTIPLE
    for (int level = 0; level < 4; level++)
        if (levels[level] == required) {
            int code = ((int (*)(int *, char ***, int, int *))inner("MPI_Init_thread"))(count, words, level, provided);
            *provided = levels[*provided];
            return code;
        }
    fprintf(stderr, "standard-abi: %d is no level of threads\n", required);
    abort();
}

int MPI_Finalize(void) { return ((int (*)(void))inner("MPI_Finalize"))(); }

int MPI_Comm_rank(void *c, int *rank) { return ((int (*)(void *, int *))inner("MPI_Comm_rank"))(comm(c), rank); }

int MPI_Comm_size(void *c, int *size) { return ((int (*)(void *, int *))inner("MPI_Comm_size"))(comm(c), size); }

int MPI_Comm_dup(void *c, void **copy) { return ((int (*)(void *, void **))inner("MPI_Comm_dup"))(comm(c), copy); }

int MPI_Barrier(void *c) { return ((int (*)(void *))inner("MPI_Barrier"))(comm(c)); }

int MPI_Bcast(void *values, int count, void *t, int root, void *c)
{
    return ((int (*)(void *, int, void *, int, void *))inner("MPI_Bcast"))(values, count, type(t), root, comm(c));
}

int MPI_Ialltoallv(const void *from, const int *counts, const int *starts, void *t, void *to, const int *counts2, const int *starts2, void *t2, void *c, void **request)
{
    return ((int (*)(const void *, const int *, const int *, void *, void *, const int *, const int *, void *, void *, void **))inner("MPI_Ialltoallv"))(
        from, counts, starts, type(t), to, counts2, starts2, type(t2), comm(c), request);
}

int MPI_Allgatherv(const void *from, int count, void *t, void *to, const int *counts, const int *starts, void *t2, void *c)
{
    return ((int (*)(const void *, int, void *, void *, const int *, const int *, void *, void *))inner("MPI_Allgatherv"))(
        from, count, type(t), to, counts, starts, type(t2), comm(c));
}

int MPI_Iallgatherv(const void *from, int count, void *t, void *to, const int *counts, const int *starts, void *t2, void *c, void **request)
{
    return ((int (*)(const void *, int, void *, void *, const int *, const int *, void *, void *, void **))inner("MPI_Iallgatherv"))(
        from, count, type(t), to, counts, starts, type(t2), comm(c), request);
}

int MPI_Sendrecv(const void *from, int count, void *t, int target, int tag, void *to, int count2, void *t2, int source, int tag2, void *c, Status *status)
{
    Inner received;
    int code = ((int (*)(const void *, int, void *, int, int, void *, int, void *, int, int, void *, Inner *))inner("MPI_Sendrecv"))(
        from, count, type(t), target, tag, to, count2, type(t2), source, tag2, comm(c), &received);
    give(status, &received);
    return code;
}

int MPI_Test(void **request, int *done, Status *status)
{
    Inner received = { 0 };
    *done = 1;
    if (*request == (void *)REQUEST_NULL)
        return 0;
    int code = ((int (*)(void **, int *, Inner *))inner("MPI_Test"))(request, done, &received);
    if (*done) {
        *request = (void *)REQUEST_NULL;
        give(status, &received);
    }
    return code;
}

int MPI_Wait(void **request, Status *status)
{
    Inner received = { 0 };
    if (*request == (void *)REQUEST_NULL)
        return 0;
    int code = ((int (*)(void **, Inner *))inner("MPI_Wait"))(request, &received);
    *request = (void *)REQUEST_NULL;
    give(status, &received);
    return code;
}

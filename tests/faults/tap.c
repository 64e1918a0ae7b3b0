/* Notes every write below TAP_DIR in TAP_LOG, and lets the n-th one fail when told to. Linux, LD_PRELOAD.
 *
 * One record: u8 what, u32 length of the path, u64 offset, u32 length of the data, path, data.
 * what: W write, T truncate (offset is the new size), S sync, U unlink, R rename (data is the new path),
 * M mapped so that it can be written past all this.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096
static char *paths[FDS];
static int log_fd = -1;
static const char *below;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long countdown = -1;
static int fail_with, is_sticky;
static long seen, failed;

__attribute__((constructor)) static void begin(void) {
    const char *log = getenv("TAP_LOG");
    below = getenv("TAP_DIR");
    if (log && below) log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

/* Called through ctypes: let the n-th write from now fail (0: none), once or from then on. */
void tap_arm(long n, int error, int sticky) {
    pthread_mutex_lock(&lock);
    countdown = n > 0 ? n : -1; fail_with = error; is_sticky = sticky; seen = 0; failed = 0;
    pthread_mutex_unlock(&lock);
}
long tap_seen(void) { return seen; }
long tap_failed(void) { return failed; }

static int is_ours(const char *path) {
    size_t n = below ? strlen(below) : 0;
    return below && path && strncmp(path, below, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static void note(char what, const char *path, uint64_t offset, const void *data, uint32_t length) {
    if (log_fd < 0) return;
    uint32_t named = (uint32_t)strlen(path);
    size_t size = 17 + named + length;
    char *record = malloc(size);
    record[0] = what;
    memcpy(record + 1, &named, 4); memcpy(record + 5, &offset, 8); memcpy(record + 13, &length, 4);
    memcpy(record + 17, path, named);
    if (length) memcpy(record + 17 + named, data, length);
    for (size_t done = 0; done < size;) {
        long n = syscall(SYS_write, log_fd, record + done, size - done);
        if (n <= 0) break;
        done += (size_t)n;
    }
    free(record);
}

static int fails(void) {
    seen++;
    if (countdown < 0) return 0;
    if (countdown > 1) { countdown--; return 0; }
    if (!is_sticky) countdown = -1;
    failed++;
    errno = fail_with;
    return 1;
}

static void remember(int fd, const char *path) {
    if (fd < 0 || fd >= FDS) return;
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = is_ours(path) ? strdup(path) : NULL;
    pthread_mutex_unlock(&lock);
}

#define REAL(type, name) static type (*real)() = NULL; if (!real) real = (type (*)())dlsym(RTLD_NEXT, #name)
#define OPEN(name) int name(const char *path, int flags, ...) { \
    REAL(int, name); va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
    int fd = real(path, flags, mode); remember(fd, path); return fd; }
#define OPENAT(name) int name(int at, const char *path, int flags, ...) { \
    REAL(int, name); va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
    int fd = real(at, path, flags, mode); remember(fd, path); return fd; }
OPEN(open) OPEN(open64) OPENAT(openat) OPENAT(openat64)

int close(int fd) {
    REAL(int, close);
    if (fd >= 0 && fd < FDS && paths[fd]) remember(fd, NULL);
    return real(fd);
}

#define TAPPED(fd) (fd >= 0 && fd < FDS && paths[fd])
#define PWRITE(name) ssize_t name(int fd, const void *data, size_t length, off_t offset) { \
    REAL(ssize_t, name); if (!TAPPED(fd)) return real(fd, data, length, offset); \
    pthread_mutex_lock(&lock); ssize_t n = fails() ? -1 : real(fd, data, length, offset); \
    if (n > 0) note('W', paths[fd], (uint64_t)offset, data, (uint32_t)n); \
    pthread_mutex_unlock(&lock); return n; }
PWRITE(pwrite) PWRITE(pwrite64)

ssize_t write(int fd, const void *data, size_t length) {
    REAL(ssize_t, write);
    if (!TAPPED(fd)) return real(fd, data, length);
    pthread_mutex_lock(&lock);
    ssize_t n = fails() ? -1 : real(fd, data, length);
    if (n > 0) note('W', paths[fd], (uint64_t)(lseek(fd, 0, SEEK_CUR) - n), data, (uint32_t)n);
    pthread_mutex_unlock(&lock);
    return n;
}

/* What goes in pieces, or from one file into another within the kernel; these never fail on purpose. */
static void note_parts(int fd, const struct iovec *parts, int count, uint64_t offset, ssize_t left) {
    for (int i = 0; i < count && left > 0; i++) {
        size_t n = (size_t)left < parts[i].iov_len ? (size_t)left : parts[i].iov_len;
        note('W', paths[fd], offset, parts[i].iov_base, (uint32_t)n);
        offset += n; left -= (ssize_t)n;
    }
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, writev);
    if (!TAPPED(fd)) return real(fd, parts, count);
    pthread_mutex_lock(&lock);
    ssize_t n = real(fd, parts, count);
    if (n > 0) note_parts(fd, parts, count, (uint64_t)(lseek(fd, 0, SEEK_CUR) - n), n);
    pthread_mutex_unlock(&lock);
    return n;
}

#define PWRITEV(name) ssize_t name(int fd, const struct iovec *parts, int count, off_t offset) { \
    REAL(ssize_t, name); if (!TAPPED(fd)) return real(fd, parts, count, offset); \
    pthread_mutex_lock(&lock); ssize_t n = real(fd, parts, count, offset); \
    if (n > 0) note_parts(fd, parts, count, (uint64_t)offset, n); \
    pthread_mutex_unlock(&lock); return n; }
PWRITEV(pwritev) PWRITEV(pwritev64)

static void note_copy(int from, off_t from_offset, int to, off_t to_offset, ssize_t n) {
    char *data = malloc((size_t)n);
    ssize_t got = data ? pread(from, data, (size_t)n, from_offset) : -1;
    if (got > 0) note('W', paths[to], (uint64_t)to_offset, data, (uint32_t)got);
    free(data);
}

#define SENDFILE(name) ssize_t name(int to, int from, off_t *at, size_t length) { \
    REAL(ssize_t, name); if (!TAPPED(to)) return real(to, from, at, length); \
    pthread_mutex_lock(&lock); ssize_t n = real(to, from, at, length); \
    if (n > 0) note_copy(from, (at ? *at : lseek(from, 0, SEEK_CUR)) - n, to, lseek(to, 0, SEEK_CUR) - n, n); \
    pthread_mutex_unlock(&lock); return n; }
SENDFILE(sendfile) SENDFILE(sendfile64)

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags) {
    REAL(ssize_t, copy_file_range);
    if (!TAPPED(to)) return real(from, from_at, to, to_at, length, flags);
    pthread_mutex_lock(&lock);
    ssize_t n = real(from, from_at, to, to_at, length, flags);
    if (n > 0) note_copy(from, (from_at ? *from_at : lseek(from, 0, SEEK_CUR)) - n, to,
                         (to_at ? *to_at : lseek(to, 0, SEEK_CUR)) - n, n);
    pthread_mutex_unlock(&lock);
    return n;
}

#define MMAP(name) void *name(void *at, size_t length, int protect, int flags, int fd, off_t offset) { \
    REAL(void *, name); void *made = real(at, length, protect, flags, fd, offset); \
    if (made != MAP_FAILED && fd >= 0 && (flags & MAP_TYPE) != MAP_PRIVATE && (protect & PROT_WRITE) && TAPPED(fd)) { \
        pthread_mutex_lock(&lock); note('M', paths[fd], (uint64_t)offset, NULL, 0); pthread_mutex_unlock(&lock); } \
    return made; }
MMAP(mmap) MMAP(mmap64)

#define TRUNCATE(name) int name(int fd, off_t size) { \
    REAL(int, name); if (!TAPPED(fd)) return real(fd, size); \
    pthread_mutex_lock(&lock); int r = fails() ? -1 : real(fd, size); \
    if (!r) note('T', paths[fd], (uint64_t)size, NULL, 0); pthread_mutex_unlock(&lock); return r; }
TRUNCATE(ftruncate) TRUNCATE(ftruncate64)

#define SYNC(name) int name(int fd) { \
    REAL(int, name); if (!TAPPED(fd)) return real(fd); \
    pthread_mutex_lock(&lock); int r = fails() ? -1 : real(fd); \
    if (!r) note('S', paths[fd], 0, NULL, 0); pthread_mutex_unlock(&lock); return r; }
SYNC(fsync) SYNC(fdatasync)

int unlink(const char *path) {
    REAL(int, unlink);
    int r = real(path);
    if (!r && is_ours(path)) { pthread_mutex_lock(&lock); note('U', path, 0, NULL, 0); pthread_mutex_unlock(&lock); }
    return r;
}

int rename(const char *from, const char *to) {
    REAL(int, rename);
    int r = real(from, to);
    if (!r && is_ours(to)) {
        pthread_mutex_lock(&lock); note('R', from, 0, to, (uint32_t)strlen(to)); pthread_mutex_unlock(&lock);
    }
    return r;
}

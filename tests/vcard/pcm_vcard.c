/* libasound_module_pcm_vcard.so: a sound card that exists only in user space, for tests.
 *
 * An ALSA external I/O plug-in that behaves like a "hw:" device whose DMA pointer is CLOCK_MONOTONIC * rate: real pace,
 * real periods, avail and poll, real xrun (-EPIPE) when the writer is late, EBUSY when opened twice. Every frame taken
 * from the application is appended bit for bit to `file`. `index` gets one JSON line an event, so that the moment at
 * which any frame left the card is known:
 *     dac_ns(frame) = start.mono_ns + frame / rate        (frames count from the last "prepare")
 * "sound" lines mark the first loud frame after 150 ms of silence (|sample| > 64).
 *
 * pcm.NAME { type vcard  file "/p/out.raw"  index "/p/out.idx"  infile "/p/mic.raw"
 *            rate 48000  channels 2  ppm 0  watch -1  unplug_file "/p/unplug"  stall_file "/p/stall" }
 *   watch N       "sound" lines look at channel N alone; -1 = any channel
 *   ppm           how much faster than the system's clock the card runs
 *   unplug_file   while it exists the card is gone: ENODEV, POLLNVAL, as from the kernel
 *   stall_file    while it exists the card takes nothing more and says nothing
 * Formats: S16_LE, one rate, periods of at most 64 KiB, buffers of at most 256 KiB.
 *
 * gcc -O2 -Wall -shared -fPIC -DPIC -o libasound_module_pcm_vcard.so pcm_vcard.c -lasound
 */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <sys/timerfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>
#include <time.h>
#include <stdio.h>

typedef struct {
	snd_pcm_ioplug_t io;
	int tfd, out, in;
	FILE *idx;
	char *unplug, *stall;
	int64_t stalled;            /* mono ns since when it stalls; 0 = it does not */
	long rate, channels;
	double ppm;
	long watch;                 /* channel that "sound" looks at, -1 = any */
	int64_t t0;                 /* mono ns of start; 0 = stopped */
	uint64_t hw, appl;          /* frames since prepare */
	snd_pcm_uframes_t avail_min, boundary;
	uint64_t off_base;          /* byte offset in `file` of frame 0 */
	size_t fb;
	uint64_t quiet;             /* silent frames seen since the last loud one */
	int dead;
} vc_t;

static int64_t now_ns(clockid_t c) { struct timespec t; clock_gettime(c, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }

static void ev(vc_t *v, const char *what)
{
	if (!v->idx) return;
	uint64_t off = v->out >= 0 ? (uint64_t)lseek(v->out, 0, SEEK_END) : 0;
	fprintf(v->idx, "{\"ev\":\"%s\",\"dir\":\"%s\",\"pid\":%d,\"mono_ns\":%lld,\"real_ns\":%lld,\"off\":%llu,\"base\":%llu,"
		"\"hw\":%llu,\"appl\":%llu,\"rate\":%u,\"ch\":%u,\"fb\":%zu,\"buffer\":%lu,\"period\":%lu}\n",
		what, v->io.stream == SND_PCM_STREAM_PLAYBACK ? "play" : "rec", getpid(),
		(long long)now_ns(CLOCK_MONOTONIC), (long long)now_ns(CLOCK_REALTIME),
		(unsigned long long)off, (unsigned long long)v->off_base, (unsigned long long)v->hw, (unsigned long long)v->appl,
		v->io.rate, v->io.channels, v->fb, (unsigned long)v->io.buffer_size, (unsigned long)v->io.period_size);
	fflush(v->idx);
}

/* first loud frame after >= 150 ms of silence (or after open): one "sound" line; "frame" counts from prepare */
static void scan(vc_t *v, const int16_t *s, uint64_t n)
{
	unsigned ch = v->io.channels;
	for (uint64_t i = 0; i < n; i++) {
		int loud = 0;
		for (unsigned c = 0; c < ch; c++) { if (v->watch >= 0 && (long)c != v->watch) continue; int x = s[i * ch + c]; if (x > 64 || x < -64) loud = 1; }
		if (!loud) { v->quiet++; continue; }
		if (v->quiet >= v->io.rate * 150ULL / 1000 && v->idx) {
			long long now = now_ns(CLOCK_MONOTONIC);
			fprintf(v->idx, "{\"ev\":\"sound\",\"dir\":\"play\",\"pid\":%d,\"mono_ns\":%lld,\"base\":%llu,\"frame\":%llu,\"t0\":%lld,\"rate\":%u}\n",
				getpid(), now, (unsigned long long)v->off_base, (unsigned long long)(v->appl + i), (long long)v->t0, v->io.rate);
			fflush(v->idx);
		}
		v->quiet = 0;
	}
}

/* where the DMA pointer is now */
static uint64_t clock_frames(vc_t *v)
{
	if (!v->t0) return v->hw;
	if (v->stall && access(v->stall, F_OK) == 0) {
		if (!v->stalled) { v->stalled = now_ns(CLOCK_MONOTONIC); ev(v, "stall"); }
		return v->hw;
	}
	if (v->stalled) { v->t0 += now_ns(CLOCK_MONOTONIC) - v->stalled; v->stalled = 0; ev(v, "resume"); }
	return (uint64_t)((double)(now_ns(CLOCK_MONOTONIC) - v->t0) * v->io.rate * (1.0 + v->ppm * 1e-6) / 1e9);
}

static int64_t avail_of(vc_t *v, uint64_t hw)
{
	return v->io.stream == SND_PCM_STREAM_PLAYBACK ? (int64_t)v->io.buffer_size - (int64_t)(v->appl - hw)
	                                               : (int64_t)(hw - v->appl);
}

/* wake poll() at the moment avail_min frames will be available */
static void arm(vc_t *v)
{
	struct itimerspec it = { 0 };
	uint64_t hw = v->t0 ? clock_frames(v) : v->hw;
	int64_t need = (int64_t)v->avail_min - avail_of(v, hw);
	if (v->io.state == SND_PCM_STATE_DRAINING) need = (int64_t)(v->appl - hw);
	if (need <= 0 || v->dead || v->io.state == SND_PCM_STATE_XRUN || (v->io.state == SND_PCM_STATE_RUNNING && !v->t0)) it.it_value.tv_nsec = 1;
	else if (v->t0) {
		int64_t ns = (int64_t)((double)need * 1e9 / (v->io.rate * (1.0 + v->ppm * 1e-6))) + 20000;
		it.it_value.tv_sec = ns / 1000000000; it.it_value.tv_nsec = ns % 1000000000;
	}
	timerfd_settime(v->tfd, 0, &it, NULL);
}

static int vc_start(snd_pcm_ioplug_t *io) { vc_t *v = io->private_data; v->t0 = now_ns(CLOCK_MONOTONIC) - (int64_t)(v->hw * 1e9 / io->rate); ev(v, "start"); arm(v); return 0; }
static int vc_stop(snd_pcm_ioplug_t *io) { vc_t *v = io->private_data; if (v->t0) { v->hw = clock_frames(v); v->t0 = 0; ev(v, "stop"); } arm(v); return 0; }

static snd_pcm_sframes_t vc_pointer(snd_pcm_ioplug_t *io)
{
	vc_t *v = io->private_data;
	if (v->unplug && !v->dead && access(v->unplug, F_OK) == 0) { v->dead = 1; v->t0 = 0; ev(v, "unplug"); arm(v); }
	if (v->dead) { snd_pcm_ioplug_set_state(&v->io, SND_PCM_STATE_DISCONNECTED); return -ENODEV; }
	if (v->t0) {
		uint64_t hw = clock_frames(v);
		if (io->stream == SND_PCM_STREAM_PLAYBACK) {
			if (hw > v->appl) {
				if (io->state == SND_PCM_STATE_DRAINING) hw = v->appl;
				else { v->hw = hw; ev(v, "xrun"); v->t0 = 0; arm(v); return -EPIPE; }
			}
		} else if (hw - v->appl > io->buffer_size) { v->hw = hw; ev(v, "xrun"); v->t0 = 0; arm(v); return -EPIPE; }
		v->hw = hw;
	}
	return (snd_pcm_sframes_t)(v->boundary ? v->hw % v->boundary : v->hw % io->buffer_size);
}

static snd_pcm_sframes_t vc_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *a, snd_pcm_uframes_t off, snd_pcm_uframes_t n)
{
	vc_t *v = io->private_data;
	char *p = (char *)a->addr + (a->first + a->step * off) / 8;
	size_t len = n * v->fb;
	if (v->dead) return -ENODEV;
	if (io->stream == SND_PCM_STREAM_PLAYBACK) {
		if (v->out >= 0 && write(v->out, p, len) != (ssize_t)len) return -EIO;
		scan(v, (const int16_t *)p, n);
	} else {
		ssize_t got = v->in >= 0 ? read(v->in, p, len) : 0;
		while (got >= 0 && (size_t)got < len) {
			if (v->in < 0) { memset(p, 0, len); break; }
			lseek(v->in, 0, SEEK_SET);
			ssize_t g = read(v->in, p + got, len - got);
			if (g <= 0) { memset(p + got, 0, len - got); break; }
			got += g;
		}
	}
	v->appl += n;
	arm(v);
	return n;
}

static int vc_prepare(snd_pcm_ioplug_t *io)
{
	vc_t *v = io->private_data;
	v->t0 = 0; v->hw = v->appl = 0;
	v->fb = (size_t)snd_pcm_format_physical_width(io->format) / 8 * io->channels;
	v->off_base = v->out >= 0 ? (uint64_t)lseek(v->out, 0, SEEK_END) : 0;
	ev(v, "prepare"); arm(v); return 0;
}
static int vc_sw(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *p)
{
	vc_t *v = io->private_data;
	snd_pcm_sw_params_get_avail_min(p, &v->avail_min);
	snd_pcm_sw_params_get_boundary(p, &v->boundary);
	return 0;
}
static int vc_revents(snd_pcm_ioplug_t *io, struct pollfd *pfd, unsigned int nfds, unsigned short *re)
{
	vc_t *v = io->private_data;
	unsigned short m = io->stream == SND_PCM_STREAM_PLAYBACK ? POLLOUT : POLLIN;
	(void)nfds; (void)pfd;
	*re = 0;
	if (v->dead || (v->unplug && access(v->unplug, F_OK) == 0)) { *re = POLLERR | POLLNVAL; return 0; } /* as the kernel does */
	if (io->state == SND_PCM_STATE_XRUN) { *re = POLLERR | m; return 0; }
	{
		uint64_t hw = v->t0 ? clock_frames(v) : v->hw;
		if (v->t0 && io->stream == SND_PCM_STREAM_PLAYBACK && hw > v->appl && io->state == SND_PCM_STATE_RUNNING) *re = m; /* avail_update will say -EPIPE */
		else if (io->state == SND_PCM_STATE_DRAINING) { if (hw >= v->appl) *re = m; else arm(v); }
		else if (avail_of(v, hw) >= (int64_t)v->avail_min) *re = m;
		else arm(v);
	}
	return 0;
}
static int vc_close(snd_pcm_ioplug_t *io)
{
	vc_t *v = io->private_data;
	ev(v, "close");
	if (v->idx) fclose(v->idx);
	if (v->out >= 0) close(v->out);
	if (v->in >= 0) close(v->in);
	close(v->tfd); free(v->unplug); free(v->stall); free(v);
	return 0;
}
static const snd_pcm_ioplug_callback_t cb = {
	.start = vc_start, .stop = vc_stop, .pointer = vc_pointer, .transfer = vc_transfer, .prepare = vc_prepare,
	.sw_params = vc_sw, .poll_revents = vc_revents, .close = vc_close,
};

SND_PCM_PLUGIN_DEFINE_FUNC(vcard)
{
	snd_config_iterator_t i, nx;
	const char *file = NULL, *index = NULL, *infile = NULL, *unplug = NULL, *stall = NULL, *id;
	long rate = 48000, ch = 2, ppm = 0, watch = -1; int err;
	(void)root;
	snd_config_for_each(i, nx, conf) {
		snd_config_t *n = snd_config_iterator_entry(i);
		if (snd_config_get_id(n, &id) < 0) continue;
		if (!strcmp(id, "comment") || !strcmp(id, "type") || !strcmp(id, "hint")) continue;
		if (!strcmp(id, "file")) { snd_config_get_string(n, &file); continue; }
		if (!strcmp(id, "index")) { snd_config_get_string(n, &index); continue; }
		if (!strcmp(id, "infile")) { snd_config_get_string(n, &infile); continue; }
		if (!strcmp(id, "unplug_file")) { snd_config_get_string(n, &unplug); continue; }
		if (!strcmp(id, "stall_file")) { snd_config_get_string(n, &stall); continue; }
		if (!strcmp(id, "rate")) { snd_config_get_integer(n, &rate); continue; }
		if (!strcmp(id, "channels")) { snd_config_get_integer(n, &ch); continue; }
		if (!strcmp(id, "ppm")) { snd_config_get_integer(n, &ppm); continue; }
		if (!strcmp(id, "watch")) { snd_config_get_integer(n, &watch); continue; }
		SNDERR("vcard: unknown field %s", id); return -EINVAL;
	}
	if (unplug && access(unplug, F_OK) == 0) return -ENODEV;
	vc_t *v = calloc(1, sizeof *v);
	if (!v) return -ENOMEM;
	v->quiet = 1u << 30; v->rate = rate; v->channels = ch; v->ppm = ppm; v->watch = watch; v->out = v->in = v->tfd = -1;
	if (unplug) v->unplug = strdup(unplug);
	if (stall) v->stall = strdup(stall);
	if (stream == SND_PCM_STREAM_PLAYBACK && file) {
		v->out = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (v->out < 0) { err = -errno; goto fail; }
		if (flock(v->out, LOCK_EX | LOCK_NB) < 0) { err = -EBUSY; goto fail; }
	}
	if (stream == SND_PCM_STREAM_CAPTURE && infile) v->in = open(infile, O_RDONLY | O_CLOEXEC);
	if (index) v->idx = fopen(index, "ae");
	v->tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	v->io.version = SND_PCM_IOPLUG_VERSION;
	v->io.name = "virtual card";
	v->io.callback = &cb;
	v->io.private_data = v;
	v->io.poll_fd = v->tfd;
	v->io.poll_events = POLLIN;
	v->io.flags = SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
	v->io.mmap_rw = 0;
	if ((err = snd_pcm_ioplug_create(&v->io, name, stream, mode)) < 0) goto fail;
	unsigned acc[] = { SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED };
	unsigned fmt[] = { SND_PCM_FORMAT_S16_LE };
	snd_pcm_ioplug_set_param_list(&v->io, SND_PCM_IOPLUG_HW_ACCESS, 2, acc);
	snd_pcm_ioplug_set_param_list(&v->io, SND_PCM_IOPLUG_HW_FORMAT, 1, fmt);
	snd_pcm_ioplug_set_param_minmax(&v->io, SND_PCM_IOPLUG_HW_CHANNELS, ch, ch);
	snd_pcm_ioplug_set_param_minmax(&v->io, SND_PCM_IOPLUG_HW_RATE, rate, rate);
	snd_pcm_ioplug_set_param_minmax(&v->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 16 * 2 * ch, 65536);
	snd_pcm_ioplug_set_param_minmax(&v->io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 32 * 2 * ch, 262144);
	snd_pcm_ioplug_set_param_minmax(&v->io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
	ev(v, "open");
	*pcmp = v->io.pcm;
	return 0;
fail:
	if (v->idx) fclose(v->idx);
	if (v->out >= 0) close(v->out);
	if (v->in >= 0) close(v->in);
	if (v->tfd >= 0) close(v->tfd);
	free(v->unplug); free(v->stall); free(v);
	return err;
}
SND_PCM_PLUGIN_SYMBOL(vcard);

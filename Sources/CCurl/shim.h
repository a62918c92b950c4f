#include <curl/curl.h>
#include <string.h>

// One mail over SMTP. libcurl's options take variable arguments, which Swift cannot call.
struct ccurl_mail {
  const char *url;
  const char *user; // NULL: without login
  const char *password;
  const char *ca_file; // NULL: the system's
  const char *from;
  const char *to;
  int requires_tls;
  long connect_timeout_ms;
  long timeout_ms;
  const char *body;
  size_t size;
};

// How far the conversation came.
enum ccurl_stage { ccurl_start, ccurl_sender, ccurl_recipient, ccurl_data, ccurl_body };

struct ccurl_outcome {
  int code; // a CURLcode
  long reply; // the server's last
  enum ccurl_stage stage;
};

struct ccurl_sending {
  const char *rest;
  size_t left;
  enum ccurl_stage stage;
};

static inline size_t ccurl_read(char *buffer, size_t size, size_t count, void *context) {
  struct ccurl_sending *sending = (struct ccurl_sending *)context;
  size_t room = size * count;
  size_t taken = sending->left < room ? sending->left : room;
  // Asked for only after the server's 354.
  sending->stage = ccurl_body;
  memcpy(buffer, sending->rest, taken);
  sending->rest += taken;
  sending->left -= taken;
  return taken;
}

static inline int ccurl_note(
    CURL *handle, curl_infotype type, char *text, size_t size, void *context) {
  struct ccurl_sending *sending = (struct ccurl_sending *)context;
  (void)handle;
  if (type != CURLINFO_HEADER_OUT || sending->stage == ccurl_body) return 0;
  if (size >= 5 && memcmp(text, "MAIL ", 5) == 0) sending->stage = ccurl_sender;
  if (size >= 5 && memcmp(text, "RCPT ", 5) == 0) sending->stage = ccurl_recipient;
  if (size >= 4 && memcmp(text, "DATA", 4) == 0) sending->stage = ccurl_data;
  return 0;
}

static inline int ccurl_prepare(void) {
  return (int)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static inline struct ccurl_outcome ccurl_send(const struct ccurl_mail *mail) {
  struct ccurl_sending sending = {mail->body, mail->size, ccurl_start};
  struct ccurl_outcome outcome = {CURLE_FAILED_INIT, 0, ccurl_start};
  CURL *handle = curl_easy_init();
  struct curl_slist *recipients = curl_slist_append(NULL, mail->to);
  if (handle && recipients) {
    curl_easy_setopt(handle, CURLOPT_URL, mail->url);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_USE_SSL, mail->requires_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
    if (mail->ca_file) curl_easy_setopt(handle, CURLOPT_CAINFO, mail->ca_file);
    if (mail->user) {
      curl_easy_setopt(handle, CURLOPT_USERNAME, mail->user);
      curl_easy_setopt(handle, CURLOPT_PASSWORD, mail->password);
    }
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, mail->from);
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, mail->connect_timeout_ms);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, mail->timeout_ms);
    // Also the longest wait for the answer to QUIT, which follows a timeout.
    curl_easy_setopt(
        handle, CURLOPT_SERVER_RESPONSE_TIMEOUT,
        mail->timeout_ms < 1000 ? 1L : mail->timeout_ms / 1000);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, ccurl_read);
    curl_easy_setopt(handle, CURLOPT_READDATA, &sending);
    curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, ccurl_note);
    curl_easy_setopt(handle, CURLOPT_DEBUGDATA, &sending);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    outcome.code = (int)curl_easy_perform(handle);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &outcome.reply);
  }
  outcome.stage = sending.stage;
  curl_slist_free_all(recipients);
  curl_easy_cleanup(handle);
  return outcome;
}

static inline size_t ccurl_drop(char *buffer, size_t size, size_t count, void *context) {
  (void)buffer;
  (void)context;
  return size * count;
}

// One POST. Follows no redirection, and leaves the answer unread but for its status.
static inline struct ccurl_outcome ccurl_post(
    const char *url, struct curl_slist *headers, const void *body, size_t size, long timeout_ms) {
  struct ccurl_outcome outcome = {CURLE_FAILED_INIT, 0, ccurl_start};
  CURL *handle = curl_easy_init();
  if (!handle) return outcome;
  curl_easy_setopt(handle, CURLOPT_URL, url);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(1 << 20));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, ccurl_drop);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  outcome.code = (int)curl_easy_perform(handle);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &outcome.reply);
  curl_easy_cleanup(handle);
  return outcome;
}

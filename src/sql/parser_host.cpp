// What the translated parser (cmake/parser.cmake) needs around it: memory, setjmp and longjmp, and nothing else. It
// reads and writes no files, and what happens inside cannot touch memory outside of its own.
#include "sql/parser_host.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <type_traits>

extern "C" {
#include "pgparser.h"
#include "pgparser_names.h"

struct pgparser_host_a_instance_t {
  Z_pgparser_instance_t* module;
};
uint32_t sluice_pgparser_call_depth = 0;  // counted by the translated code
}

namespace sluice::sql {

namespace {

using Host = pgparser_host_a_instance_t;

struct LongJump {};
struct Trap {
  const char* what;
};

// What emscripten makes of setjmp: the call goes through here, and a longjmp inside of it ends here.
template <class Result, class... Arguments>
Result invoke(Host* host, u32 index, Arguments... arguments) {
  const wasm_rt_funcref_table_t* table = pgparser_table(host->module);
  if (index >= table->size || table->data[index].func == nullptr) throw Trap{"wrong function"};
  const wasm_rt_funcref_t& function = table->data[index];
  const u32 stack = pgparser_stack_current(host->module), depth = sluice_pgparser_call_depth;
  try {
    return reinterpret_cast<Result (*)(void*, Arguments...)>(function.func)(function.module_instance, arguments...);
  } catch (const LongJump&) {
    sluice_pgparser_call_depth = depth;
    pgparser_stack_restore(host->module, stack);
    pgparser_set_threw(host->module, 1, 0);
    if constexpr (!std::is_void_v<Result>) return Result{};
  }
}

constexpr u32 page = 65536, most_pages = 16384;  // 1 GiB
constexpr u32 bad_file = 8, no_seek = 70;        // errno in WASI

}  // namespace

extern "C" {
[[noreturn]] void sluice_pgparser_trap(wasm_rt_trap_t code) { throw Trap{wasm_rt_strerror(code)}; }

u32 pgparser_on_invoke_i(Host* h, u32 f) { return invoke<u32>(h, f); }
u32 pgparser_on_invoke_ii(Host* h, u32 f, u32 a) { return invoke<u32>(h, f, a); }
u32 pgparser_on_invoke_iii(Host* h, u32 f, u32 a, u32 b) { return invoke<u32>(h, f, a, b); }
u32 pgparser_on_invoke_iiii(Host* h, u32 f, u32 a, u32 b, u32 c) { return invoke<u32>(h, f, a, b, c); }
u32 pgparser_on_invoke_iiiii(Host* h, u32 f, u32 a, u32 b, u32 c, u32 d) { return invoke<u32>(h, f, a, b, c, d); }
u64 pgparser_on_invoke_ji(Host* h, u32 f, u32 a) { return invoke<u64>(h, f, a); }
void pgparser_on_invoke_v(Host* h, u32 f) { invoke<void>(h, f); }
void pgparser_on_invoke_vi(Host* h, u32 f, u32 a) { invoke<void>(h, f, a); }
void pgparser_on_invoke_vii(Host* h, u32 f, u32 a, u32 b) { invoke<void>(h, f, a, b); }
void pgparser_on_invoke_viii(Host* h, u32 f, u32 a, u32 b, u32 c) { invoke<void>(h, f, a, b, c); }
void pgparser_on_invoke_viiii(Host* h, u32 f, u32 a, u32 b, u32 c, u32 d) { invoke<void>(h, f, a, b, c, d); }
void pgparser_on_invoke_viiiii(Host* h, u32 f, u32 a, u32 b, u32 c, u32 d, u32 e) { invoke<void>(h, f, a, b, c, d, e); }
void pgparser_on_invoke_viiiiiiiiiiiii(Host* h, u32 f, u32 a, u32 b, u32 c, u32 d, u32 e, u32 g, u32 i, u32 j, u32 k,
                                       u32 l, u32 m, u32 n, u32 o) {
  invoke<void>(h, f, a, b, c, d, e, g, i, j, k, l, m, n, o);
}
void pgparser_on_emscripten_throw_longjmp(Host*) { throw LongJump{}; }
void pgparser_on_assert_fail(Host*, u32, u32, u32, u32) { throw Trap{"an assertion failed"}; }
void pgparser_on_abort_js(Host*) { throw Trap{"it aborted"}; }
void pgparser_on_exit(Host*, u32) { throw Trap{"it ended"}; }
void pgparser_on_proc_exit(Host*, u32) { throw Trap{"it ended"}; }
void pgparser_on_emscripten_runtime_keepalive_clear(Host*) {}
u32 pgparser_on_setitimer_js(Host*, u32, f64) { return 0; }
u32 pgparser_on_emscripten_resize_heap(Host* host, u32 bytes) {
  wasm_rt_memory_t* memory = pgparser_memory(host->module);
  const u64 wanted = (u64{bytes} + page - 1) / page;
  if (wanted > memory->max_pages || wanted > most_pages) return 0;
  if (wanted <= memory->pages) return 1;
  const u64 generous = std::min<u64>({wanted + wanted / 5, memory->max_pages, most_pages});
  return wasm_rt_grow_memory(memory, static_cast<u32>(generous - memory->pages)) != static_cast<u32>(-1);
}
u32 pgparser_on_fd_close(Host*, u32) { return bad_file; }
u32 pgparser_on_fd_read(Host*, u32, u32, u32, u32) { return bad_file; }
u32 pgparser_on_fd_seek(Host*, u32, u64, u32, u32) { return no_seek; }
u32 pgparser_on_fd_write(Host*, u32, u32, u32, u32) { return bad_file; }
}

namespace {

class Parser {
 public:
  Parser() {
    wasm_rt_init();
    Z_pgparser_init_module();
    host_.module = &module_;
    Z_pgparser_instantiate(&module_, &host_);
    pgparser_run_constructors(&module_);
  }
  ~Parser() { Z_pgparser_free(&module_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  RawParse parse(std::string_view sql) {
    const u32 query = pgparser_malloc(&module_, static_cast<u32>(sql.size() + 1));
    if (query == 0) throw Trap{"out of memory"};
    std::memcpy(memory() + query, sql.data(), sql.size());
    memory()[query + sql.size()] = 0;
    const u32 result = pgparser_parse(&module_, query);
    RawParse out;
    if (const u32 error =
            word(result + 8)) {  // PgQueryParseResult: tree, stderr, error; PgQueryError: message … cursor
      out.error = text(word(error));
      out.error_at = std::max(0, static_cast<int>(word(error + 16)) - 1);
      if (out.error.empty()) out.error = "it cannot be parsed";
    } else {
      out.tree = text(word(result));
    }
    pgparser_free_result(&module_, result);
    pgparser_free(&module_, query);
    return out;
  }

 private:
  uint8_t* memory() { return pgparser_memory(&module_)->data; }
  void check(u32 at, size_t bytes) {
    if (at + u64{bytes} > pgparser_memory(&module_)->size) throw Trap{"wrong address"};
  }
  u32 word(u32 at) {
    check(at, 4);
    u32 value = 0;
    std::memcpy(&value, memory() + at, 4);
    return value;
  }
  std::string text(u32 at) {
    if (at == 0) return "";
    check(at, 1);
    const uint8_t* from = memory() + at;
    const size_t rest = pgparser_memory(&module_)->size - at;
    return {reinterpret_cast<const char*>(from), strnlen(reinterpret_cast<const char*>(from), rest)};
  }

  Z_pgparser_instance_t module_{};
  Host host_{};
};

}  // namespace

RawParse raw_parse(std::string_view sql) {
  static std::mutex one_at_a_time;
  static std::unique_ptr<Parser> parser;
  std::lock_guard lock(one_at_a_time);
  if (size_t zero = sql.find('\0'); zero != std::string_view::npos)
    return {"", "a zero byte cannot stand in SQL", static_cast<int>(zero)};
  try {
    if (!parser) parser = std::make_unique<Parser>();
    sluice_pgparser_call_depth = 0;
    return parser->parse(sql);
  } catch (const Trap& trap) {
    parser.reset();  // what it was in the middle of is lost
    std::string what = trap.what;
    return {"", what.find("exhausted") != std::string::npos ? "it is nested too deeply" : "the parser failed: " + what,
            0};
  } catch (const LongJump&) {
    parser.reset();
    return {"", "the parser failed: it jumped out", 0};
  }
}

}  // namespace sluice::sql

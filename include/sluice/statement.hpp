// SQL of one's own, prepared statements, pipelines and COPY.
#pragma once

#include "sluice/change.hpp"

namespace sluice::pg {

// ---- raw SQL --------------------------------------------------------------------------------------------------------

namespace detail {
template <class T>
struct natural_decode {
  static constexpr decode how = decode_value<typename type::natural<T>::type>;
};
template <class T>
struct natural_decode<std::optional<T>> {
  static constexpr decode how = decode_optional<typename type::natural<T>::type>;
};
template <class T>
concept has_natural = requires {
  typename type::natural<T>::type;
};
template <class T>
inline constexpr bool is_single = has_natural<T>;
template <class T>
inline constexpr bool is_single<std::optional<T>> = has_natural<T>;
template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;

// How many members an aggregate has: as many as it takes in braces.
struct anything {
  template <class T>
  operator T() const;
};
template <class T, class... A>
constexpr std::size_t member_count() {
  if constexpr (requires { T{A{}..., anything{}}; })
    return member_count<T, A..., anything>();
  else
    return sizeof...(A);
}

template <class... M>
void read_members(const result& r, std::size_t row, M&... m) {
  void* const members[] = {&m...};
  static constexpr decode how[] = {natural_decode<M>::how...};
  r.read(row, 0, members, how);
}
template <class Row>
void read_natural(const result& r, std::size_t row, Row& out) {
  if constexpr (is_single<Row>)
    read_members(r, row, out);
  else if constexpr (is_tuple<Row>)
    std::apply([&](auto&... m) { read_members(r, row, m...); }, out);
  else
    members<member_count<Row>()>::visit(out, [&](auto&... m) { read_members(r, row, m...); });
}
}  // namespace detail

template <class Row, class... A>
std::vector<Row> Database::sql(std::string_view statement, const A&... a) {
  fragment f;
  detail::append_format(f, statement, a...);
  result r = run(f);
  std::vector<Row> out;
  out.reserve(r.rows());
  for (std::size_t i = 0; i < r.rows(); i++) {
    if constexpr (std::is_same_v<Row, bool>) {  // of a std::vector<bool> there are no references
      bool one = false;
      detail::read_natural(r, i, one);
      out.push_back(one);
    } else {
      detail::read_natural(r, i, out.emplace_back());
    }
  }
  return out;
}

// ---- prepared statements, pipelines ---------------------------------------------------------------------------------

/// A statement that the server has parsed. Called with a value for each placeholder: rows, or the number of rows.
template <class Query, class... Args>
class prepared {
 public:
  prepared(Database* database, const fragment& statement) : database_(database) {
    fragment empty{statement.sql, {}};
    empty.parameters.resize(statement.parameters.size());
    sql_ = finish(empty).sql;
    parameters_ = statement.parameters;
    name_ = database->prepare_statement(sql_);
  }
  auto operator()(const Args&... args) const {
    const void* values[] = {&args..., nullptr};
    std::vector<std::optional<std::string>> texts;
    texts.reserve(parameters_.size());
    for (const parameter& p : parameters_) texts.push_back(p.slot < 0 ? p.text : p.print(values[p.slot]));
    result r = database_->run_prepared(name_, sql_, texts);
    if constexpr (requires { Query::read(r); })
      return Query::read(r);
    else
      return r.affected();
  }

 private:
  Database* database_;
  std::string name_, sql_;
  std::vector<parameter> parameters_;
};

template <class... Args, class F>
auto Database::prepare(F build) {
  return [&]<std::size_t... N>(std::index_sequence<N...>) {
    auto query = build(placeholder<Args>{static_cast<int>(N)}...);
    return prepared<decltype(query), Args...>(this, query.statement());
  }
  (std::index_sequence_for<Args...>{});
}

/// What a statement in a Pipeline will give.
template <class Query>
class piped {
 public:
  piped(std::shared_ptr<std::vector<result>> results, std::size_t index)
      : results_(std::move(results)), index_(index) {}
  /// Its rows, or the number of rows, after Pipeline::run().
  auto get() const {
    if (results_->size() <= index_) throw Error("run() the pipeline before get()");
    const result& r = (*results_)[index_];
    if constexpr (requires { Query::read(r); })
      return Query::read(r);
    else
      return r.affected();
  }

 private:
  std::shared_ptr<std::vector<result>> results_;
  std::size_t index_;
};

/// Statements that go to the server together: one way there and back for all. Outside of a transaction they are one.
class Pipeline {
 public:
  explicit Pipeline(Database* database) : database_(database) {}
  template <class Query>
  piped<Query> add(const Query& query) {
    statements_.push_back(finish(query.statement()));
    return {results_, statements_.size() - 1};
  }
  /// Sends them and waits. Throws the Error of the first one that failed: then none took effect.
  void run() { *results_ = database_->run_pipelined(statements_); }

 private:
  Database* database_;
  std::vector<finished_statement> statements_;
  std::shared_ptr<std::vector<result>> results_ = std::make_shared<std::vector<result>>();
};
inline Pipeline Database::pipeline() { return Pipeline(this); }

// ---- COPY -----------------------------------------------------------------------------------------------------------

namespace detail {
std::string copy_statement(std::string_view schema, std::string_view table,
                           std::initializer_list<std::string_view> columns, std::string_view direction);
void append_copy_value(std::string& line, std::string_view text);
// The cells of a line, unescaped; NULL is nothing.
std::vector<std::optional<std::string>> split_copy_line(std::string_view line);
[[noreturn]] void copy_null(std::string_view column);
template <class C, class V>
void append_copy(std::string& line, const V& v) {
  using Type = typename C::pg_type;
  using D = std::decay_t<const V&>;
  if constexpr (std::is_same_v<D, std::nullopt_t>) {
    SLUICE_CHECK(!C::spec.is_not_null, C::spec.name, "COPY: this column is NOT NULL");
    line += "\\N";
  } else if constexpr (is_optional<D>) {
    SLUICE_CHECK(!C::spec.is_not_null, C::spec.name, "COPY: this column is NOT NULL, and a std::optional may be null");
    if (v) return append_copy<C>(line, *v);
    line += "\\N";
  } else {
    constexpr bool fits = storable<D, typename Type::value>;
    SLUICE_CHECK(fits, C::spec.name, "COPY: this value's type does not fit the column's type");
    if constexpr (fits) append_copy_value(line, text_of<Type>(static_cast<const D&>(v)));
  }
  line += '\t';
}
}  // namespace detail

/// Rows into a table by COPY. Nothing is stored if finish() is not called.
template <class... Columns>
class copy_writer {
 public:
  explicit copy_writer(Database* database) : database_(database) {
    using Table = typename std::tuple_element_t<0, std::tuple<Columns...>>::table;
    static_assert((std::is_same_v<typename Columns::table, Table> && ...), "copy_in(): columns of one table");
    database_->copy_in_begin(detail::copy_statement(Table::schema, Table::name, {Columns::name...}, "FROM STDIN"));
  }
  copy_writer(const copy_writer&) = delete;
  copy_writer& operator=(const copy_writer&) = delete;
  ~copy_writer() {
    if (database_ != nullptr) database_->copy_in_abandon();
  }
  /// One row: a value for each column.
  template <class... V>
  void add(const V&... values) {
    static_assert(sizeof...(V) == sizeof...(Columns), "COPY: one value for each column");
    (detail::append_copy<Columns>(buffer_, values), ...);
    buffer_.back() = '\n';
    if (buffer_.size() > 65536) send();
  }
  /// The end of it. The number of rows.
  std::size_t finish() {
    send();
    Database* database = std::exchange(database_, nullptr);
    return database->copy_in_finish();
  }

 private:
  void send() {
    if (!buffer_.empty()) database_->copy_in_put(buffer_);
    buffer_.clear();
  }
  Database* database_;
  std::string buffer_;
};
template <class... Columns>
copy_writer<Columns...> Database::copy_in(Columns...) {
  return copy_writer<Columns...>(this);
}

/// Rows of a table by COPY.
template <class... Columns>
class copy_reader {
 public:
  explicit copy_reader(Database* database) : database_(database) {}
  /// Calls f with the columns of each row, as they come. The number of rows.
  template <class F>
  std::size_t each(F f) const {
    using Table = typename std::tuple_element_t<0, std::tuple<Columns...>>::table;
    static_assert((std::is_same_v<typename Columns::table, Table> && ...), "copy_out(): columns of one table");
    return database_->copy_out_each(
        detail::copy_statement(Table::schema, Table::name, {Columns::name...}, "TO STDOUT"),
        [&](std::string_view copied) {
          auto cells = detail::split_copy_line(copied);
          std::tuple<
              std::conditional_t<Columns::nullable, std::optional<typename Columns::value>, typename Columns::value>...>
              out;
          std::size_t i = 0;
          auto one = [&]<class C>(C, auto& member) {
            const auto& cell = cells.at(i++);
            if (!detail::info_of<C>().read(&member, cell ? cell->data() : nullptr, cell ? cell->size() : 0))
              detail::copy_null(C::name);
          };
          std::apply([&](auto&... m) { (one(Columns{}, m), ...); }, out);
          std::apply(f, std::move(out));
        });
  }

 private:
  Database* database_;
};
template <class... Columns>
copy_reader<Columns...> Database::copy_out(Columns...) {
  return copy_reader<Columns...>(this);
}

}  // namespace sluice::pg

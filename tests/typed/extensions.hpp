// Types of pgvector and of PostGIS, for the round trip by way of a database that has them.
#pragma once

#include <sluice/pg.hpp>

namespace with_vectors {

using namespace sluice::pg;

template <class M>
struct Documents {
  col<M, integer("id").primary_key()> id;
  col<M, vector("embedding", 3).not_null()> embedding;
  col<M, halfvec("half", 4)> half;
  col<M, sparsevec("sparse", 5)> sparse;
  col<M, vector("of_any_length").array()> of_any_length;
};
inline constexpr auto documents = pg_table<Documents, "documents">([](auto t) {
  return list(index("documents_near").using_("hnsw").on(t.embedding.op("vector_cosine_ops")),
              index("documents_near_half").using_("ivfflat").on(t.half.op("halfvec_l2_ops")).concurrently());
});

}  // namespace with_vectors

namespace with_geometry {

using namespace sluice::pg;

template <class M>
struct Places {
  col<M, integer("id").primary_key()> id;
  col<M, geometry("place").not_null()> place;
  col<M, geometry("ways").array()> ways;
};
inline constexpr auto places =
    pg_table<Places, "places">([](auto t) { return list(index("places_near").using_("gist").on(t.place)); });

}  // namespace with_geometry

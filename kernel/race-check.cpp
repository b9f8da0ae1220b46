// A program for ThreadSanitizer (sanitize.mjs): steps of every kind of autoencoder, and spectra, by one thread and by several.
//
// Exits with 1 where the number of threads changes a byte; the sanitizer itself ends it at the first race.
#include <cstdio>
#include <cstring>
#include <functional>

#include "dense/train.h"
#include "spectrum/eigen.h"
#include "spectrum/gram.h"
#include "spectrum/multiply.h"
#include "top-k/train.h"

namespace {

using namespace reseed;

constexpr size_t rows = 190, width = 20, features = 300, steps = 5, batch = 90;

/** Values in [−1, 1) that only depend on the seed. */
struct Draw {
  uint32_t state;
  float next() {
    state = state * 1664525u + 1013904223u;
    return static_cast<float>(state >> 8) / 8388608.0f - 1;
  }
  std::vector<float> fill(size_t n) {
    std::vector<float> out(n);
    for (float& v : out) v = next();
    return out;
  }
};

/** The data and the schedule that all tasks share. */
struct Problem {
  std::vector<float> x = Draw{7}.fill(rows * width);
  std::vector<int32_t> firstEqual, order, starts{0};
  std::vector<double> stepSizes, roots, sparsities;

  Problem() {
    for (size_t n = 0; n < rows; n++) firstEqual.push_back(static_cast<int32_t>(n));
    for (size_t s = 0; s < steps; s++) {
      for (size_t n = 0; n < batch; n++) order.push_back(static_cast<int32_t>((31 * n + 17 * s) % rows));
      starts.push_back(static_cast<int32_t>(order.size()));
      stepSizes.push_back(1e-3);
      roots.push_back(0.1);
      sparsities.push_back(1e-2);
    }
  }
  void schedule(Schedule& to) const {
    to.steps = steps;
    to.rows = order.data();
    to.starts = starts.data();
    to.stepSizes = stepSizes.data();
    to.roots = roots.data();
  }
};

const int32_t running = 0;
const Stop never{&running};

/** One autoencoder with its moments. */
struct Model {
  std::vector<float> values;

  explicit Model(uint32_t seed) : values(Draw{seed}.fill(size())) { values.resize(3 * size()); }
  static size_t size() { return 2 * features * width + width + 3 * features; }
  DenseArrays<float> dense(size_t part) {
    float* at = values.data() + part * size();
    float* last = at + 2 * features * width + width;
    return {at, at + features * width, at + 2 * features * width, {last, last + features, last + 2 * features}};
  }
  TopKWeights<float> topK(size_t part) {
    const DenseArrays<float> a = dense(part);
    return {a.encoder, a.perFeature[0], a.decoder, a.decoderBias};
  }
};

using Trained = std::vector<std::vector<float>>;

Trained train(size_t tasks, const std::function<void(std::vector<Model>&)>& work) {
  std::vector<Model> models;
  for (size_t t = 0; t < tasks; t++) models.emplace_back(static_cast<uint32_t>(t + 1));
  work(models);
  Trained out;
  for (Model& model : models) out.push_back(model.values);
  return out;
}

Trained trainDenseOf(const CodePath& path, size_t threads, const Problem& p, DenseArchitecture architecture, bool keeps,
                     size_t tasks) {
  return train(tasks, [&](std::vector<Model>& models) {
    DenseTrainJob job{p.x.data(), rows, width, p.firstEqual.data(), {architecture, true, true, false, 0, 0.1, 0},
                      {0.9, 0.999, 1e-8, keeps, true, keeps ? 1.0 : 0.0}, {}};
    std::vector<std::vector<double>> parts(tasks, std::vector<double>(5 * steps));
    for (size_t t = 0; t < tasks; t++) {
      DenseTask task{};
      p.schedule(task);
      task.features = features;
      task.weights = models[t].dense(0);
      task.first = models[t].dense(1);
      task.second = models[t].dense(2);
      task.sparsities = p.sparsities.data();
      task.parts = parts[t].data();
      job.tasks.push_back(task);
    }
    trainDense(path, threads, never, job);
  });
}

Trained trainTopKOf(const CodePath& path, size_t threads, const Problem& p, bool overBatch, size_t auxiliary, size_t tasks) {
  return train(tasks, [&](std::vector<Model>& models) {
    TopKTrainJob job{p.x.data(), rows, width, p.firstEqual.data(), {}, {}};
    TopKHyper& h = job.hyper;
    h.k = 8;
    h.relu = h.subtractDecoderBias = h.projectGradient = true;
    h.overBatch = overBatch;
    h.thresholdKeep = 0.9;
    h.thresholdFrom = overBatch ? 1 : -1;
    h.beta1 = 0.9;
    h.beta2 = 0.999;
    h.epsilon = 1e-8;
    h.normaliseDecoder = Normalise::after;
    h.clipNorm = overBatch ? 1 : 0;
    h.auxiliary = {auxiliary, 0.1, true, true, false, AuxiliaryBias::both, false, false, 1, 0};
    std::vector<std::vector<double>> results(tasks, std::vector<double>(2 * steps));
    std::vector<std::vector<int32_t>> counts(tasks, std::vector<int32_t>(features + steps));
    std::vector<double> thresholds(tasks, -1);
    for (size_t t = 0; t < tasks; t++) {
      TopKTask task{};
      p.schedule(task);
      task.features = features;
      task.weights = models[t].topK(0);
      task.first = models[t].topK(1);
      task.second = models[t].topK(2);
      task.levels = overBatch ? std::vector<Level>{{100, 0.5}, {features, 0.5}} : std::vector<Level>{{features, 1}};
      task.sinceFired = counts[t].data();
      task.dead = counts[t].data() + features;
      task.threshold = &thresholds[t];
      task.reconstruction = results[t].data();
      task.auxiliary = results[t].data() + steps;
      job.tasks.push_back(task);
    }
    trainTopK(path, threads, never, job);
  });
}

/** A Gram matrix around the means, all its eigenvectors or a few, and products of rows, as the bytes of float32. */
Trained spectrumOf(const CodePath& path, size_t threads) {
  constexpr size_t count = 300, d = 260;
  const std::vector<float> x = Draw{3}.fill(count * d);
  std::vector<double> shift(d), sum(d * d), values(d), vectors(d * d), leading(9 * d);
  columnMeans(threads, x.data(), count, d, shift.data());
  addGram(path, threads, never, {x.data(), count, d, shift.data(), sum.data()});
  eigen(path, threads, never, {sum.data(), d, values.data(), d, true, vectors.data()});
  eigen(path, threads, never, {sum.data(), d, values.data(), 9, false, leading.data()});
  Trained out(1, std::vector<float>(count * count));
  multiply(path, threads, never, {x.data(), x.data(), count, count, d, out[0].data()});
  for (const auto& part : {sum, values, vectors, leading}) {
    out.emplace_back(2 * part.size());
    std::memcpy(out.back().data(), part.data(), part.size() * sizeof(double));
  }
  return out;
}

bool same(const char* name, const std::function<Trained(size_t threads)>& work) {
  const Trained one = work(1);
  for (const size_t threads : {2, 5}) {
    const Trained several = work(threads);
    for (size_t t = 0; t < one.size(); t++) {
      if (std::memcmp(one[t].data(), several[t].data(), one[t].size() * sizeof(float)) == 0) continue;
      std::printf("%s: %zu threads change the result\n", name, threads);
      return false;
    }
  }
  std::printf("%s: the same at 1, 2 and 5 threads\n", name);
  return true;
}

}  // namespace

int main() {
  const Problem p;
  bool good = true;
  for (const CodePath* path : availableCodePaths()) {
    good = same("spectrum", [&](size_t threads) { return spectrumOf(*path, threads); }) && good;
    for (const size_t tasks : {1, 3}) {
      std::printf("%s, %zu tasks\n", path->name, tasks);
      for (const bool keeps : {false, true}) {
        const auto dense = [&](const char* name, DenseArchitecture a) {
          return same(name, [&](size_t threads) { return trainDenseOf(*path, threads, p, a, keeps, tasks); });
        };
        good = dense("relu", DenseArchitecture::relu) && good;
        good = dense("jumprelu", DenseArchitecture::jumprelu) && good;
        good = dense("gated", DenseArchitecture::gated) && good;
      }
      const auto topK = [&](const char* name, bool overBatch, size_t auxiliary) {
        return same(name, [&](size_t threads) { return trainTopKOf(*path, threads, p, overBatch, auxiliary, tasks); });
      };
      good = topK("topk", false, 0) && good;
      good = topK("topk and auxk", false, 10) && good;
      good = topK("matryoshka-batchtopk and auxk", true, 10) && good;
    }
  }
  return good ? 0 : 1;
}

/* Test images for benchmarks. */
#ifndef MHO_TESTS_BENCH_IMAGES_H
#define MHO_TESTS_BENCH_IMAGES_H

#include "sim/network/dataset.h"

#define IMAGES_CIFAR "../shared/data/cifar10/test_batch.bin.xz"

/* The first `count` images of CIFAR-10's test batch, unpacked by xz as far as they go. */
enum status images_cifar(int count, struct dataset *images, struct diagnostic *diag);

/* The first `count` of the Fashion-MNIST images in configs/data. */
enum status images_fashion(int count, struct dataset *images, struct diagnostic *diag);

#endif

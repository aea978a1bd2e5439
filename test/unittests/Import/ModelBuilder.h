//===- ModelBuilder.h - ONNX models for tests ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TEST_UNITTESTS_IMPORT_MODELBUILDER_H
#define DOREFA_TEST_UNITTESTS_IMPORT_MODELBUILDER_H

#include "dorefa/Import/OnnxImport.h"
#include "onnx/onnx.pb.h"
#include "gtest/gtest.h"

namespace mlir::dorefa::onnx_test {

/// A node under construction.
struct NodeBuilder {
  onnx::NodeProto *node;

  onnx::AttributeProto *add(const char *name,
                            onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto *attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
  }
  NodeBuilder &addInt(const char *name, int64_t value) {
    add(name, onnx::AttributeProto::INT)->set_i(value);
    return *this;
  }
  NodeBuilder &addInts(const char *name, std::vector<int64_t> values) {
    onnx::AttributeProto *attribute = add(name, onnx::AttributeProto::INTS);
    for (int64_t value : values)
      attribute->add_ints(value);
    return *this;
  }
  NodeBuilder &addString(const char *name, const char *value) {
    add(name, onnx::AttributeProto::STRING)->set_s(value);
    return *this;
  }
};

/// A model of one graph, written by its parts.
class ModelBuilder {
public:
  ModelBuilder() {
    model.set_ir_version(8);
    model.add_opset_import()->set_version(17);
    model.mutable_graph()->set_name("net");
  }

  void addInput(const char *name, std::vector<int64_t> shape) {
    onnx::ValueInfoProto *info = model.mutable_graph()->add_input();
    info->set_name(name);
    auto *type = info->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    for (int64_t extent : shape)
      type->mutable_shape()->add_dim()->set_dim_value(extent);
  }

  void addOutput(const char *name) {
    model.mutable_graph()->add_output()->set_name(name);
  }

  onnx::TensorProto *addTensor(const char *name, int type,
                               std::vector<int64_t> shape) {
    onnx::TensorProto *tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (int64_t extent : shape)
      tensor->add_dims(extent);
    return tensor;
  }

  void addFloats(const char *name, std::vector<int64_t> shape,
                 std::vector<float> values) {
    onnx::TensorProto *tensor =
        addTensor(name, onnx::TensorProto::FLOAT, shape);
    tensor->set_raw_data(values.data(), values.size() * sizeof(float));
  }

  void addIntegers(const char *name, std::vector<int64_t> shape,
                   std::vector<int64_t> values) {
    onnx::TensorProto *tensor =
        addTensor(name, onnx::TensorProto::INT64, shape);
    for (int64_t value : values)
      tensor->add_int64_data(value);
  }

  NodeBuilder addNode(const char *type, std::vector<const char *> inputs,
                      std::vector<const char *> outputs,
                      const char *domain = "") {
    onnx::NodeProto *node = model.mutable_graph()->add_node();
    node->set_op_type(type);
    node->set_domain(domain);
    for (const char *input : inputs)
      node->add_input(input);
    for (const char *output : outputs)
      node->add_output(output);
    return {node};
  }

  std::string serialize() const {
    std::string bytes;
    EXPECT_TRUE(model.SerializeToString(&bytes));
    return bytes;
  }

private:
  onnx::ModelProto model;
};

} // namespace mlir::dorefa::onnx_test

#endif // DOREFA_TEST_UNITTESTS_IMPORT_MODELBUILDER_H

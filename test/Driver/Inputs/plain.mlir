// A network at the level of graphs without a product: y = |x|.
module attributes {dorefa.model = "plain", dorefa.batch = 0 : i64} {
  func.func @plain(%x: tensor<1x4xf32> {dorefa.name = "x"})
      -> (tensor<1x4xf32> {dorefa.name = "y"}) {
    %y = math.absf %x : tensor<1x4xf32>
    return %y : tensor<1x4xf32>
  }
}
